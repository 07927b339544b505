"""The digest of an exchange: equal exchanges, which are frequent in traffic, need to be judged only once.

Two exchanges of one digest differ in nothing that a clause about one exchange inspects, except their request ids.
"""

from functools import lru_cache
from hashlib import blake2b
from typing import Final

from ni_contract.exchanges.values import Answer, Exchange, Headers
from ni_contract.judge.likeness import split_at_id
from ni_contract.judge.unread import inspected

DIGEST: Final = 16


def digest_of(exchange: Exchange, own: tuple[str, ...]) -> tuple[bytes, bytes]:
    """The digest of *exchange*, and its request id, which the digest omits (b"" where there is no valid one).

    *own* is what the account has: `values_of`.
    """
    request, answer = exchange.request, exchange.answer
    url = request.url.encode("utf-8", "surrogatepass")
    if isinstance(answer, Answer):
        before, request_id, after = split_at_id(answer.body)
        body = before + after
        told = b"%d %d %b" % (answer.http_status, answer.body_recorded, _headers(answer.headers))
    else:
        body, request_id, told = answer.message.encode("utf-8", "surrogatepass"), b"", answer.kind.encode()
    # Only signed requests depend on `sent_at`.
    moment = repr(exchange.sent_at).encode() if b"timestamp" in url or b"timestamp" in request.body else b""
    asked = _headers(request.headers, own)
    parts = (request.method.encode("utf-8", "surrogatepass"), url, asked, request.body, told, body, moment)
    known = exchange.filtered + 2 * exchange.partial
    lengths = b"%d %d %d %d %d %d %d" % (known, *map(len, parts[1:]))
    if exchange.templated:
        lengths += repr(exchange.templated).encode("utf-8", "surrogatepass")
    return blake2b(b"\n".join((lengths, *parts)), digest_size=DIGEST).digest(), request_id


@lru_cache(maxsize=2048)
def _headers(headers: Headers, own: tuple[str, ...] = ()) -> bytes:
    """The headers that clauses inspect, in order."""
    return repr(inspected(headers, own)).encode("utf-8", "surrogatepass")
