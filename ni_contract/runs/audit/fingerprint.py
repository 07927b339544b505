"""The digest of an exchange: equal exchanges, which are frequent in traffic, need to be judged only once.

Two exchanges of one digest differ in nothing that a clause about one exchange inspects, except their request ids.
"""

import marshal
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from ni_contract.exchanges.values import Answer, Exchange
from ni_contract.judge.likeness import Likeness, split_at_id
from ni_contract.judge.unread import inspected
from ni_contract.runs.audit.records import CANONICAL

DIGEST_BYTES: Final = 16
_inspected: Final = lru_cache(maxsize=2048)(inspected)


def fingerprint(exchange: Exchange, own: tuple[str, ...]) -> Likeness:
    """The digest of *exchange* as a key, with its request id, which the digest omits (b"" where there is no valid one).

    *own* is what the account has: `values_of`.
    """
    request, answer = exchange.request, exchange.answer
    told: tuple[object, ...]
    if isinstance(answer, Answer):
        before, request_id, after = split_at_id(answer.body)
        told = (answer.http_status, answer.body_recorded, _inspected(answer.headers, ()), before, after)
    else:
        request_id, told = b"", (answer.kind, answer.message)
    asked = (request.method, request.url, _inspected(request.headers, own), request.body)
    # Only signed requests depend on the time.
    moment = exchange.sent_at if "timestamp" in request.url or b"timestamp" in request.body else None
    whole = (asked, told, moment, exchange.filtered, exchange.partial, exchange.templated)
    return Likeness(blake2b(marshal.dumps(whole, CANONICAL), digest_size=DIGEST_BYTES).digest(), request_id)
