"""The recorded form of a live exchange: the request made anew for an example account, the answer masked."""

from dataclasses import replace

from ni_contract.drivers.provider.vectors import Vector, build
from ni_contract.exchanges.credentials import RECORDED_ACCOUNT, Credentials
from ni_contract.exchanges.known_secrets import with_signatures_of
from ni_contract.exchanges.redaction import Redactor, redact_headers
from ni_contract.exchanges.values import Answer, Exchange, Failure

COMMENT = (
    "Recorded by ni-contract live. The credentials are replaced: where REDACTED-KEY and REDACTED-SECRET stand, "
    "the right ones were sent; signatures are made with REDACTED-SIGNATURE-SECRET."
)


def recorded(vector: Vector, exchange: Exchange, base_url: str, account: Credentials) -> Exchange:
    """*exchange*, made of *vector* at its `sent_at`, in the form that may be written to a file.

    The request is built a second time with example credentials, so it never contained the account's.
    """
    request = build(vector, base_url, RECORDED_ACCOUNT, exchange.sent_at or 0)
    # The recorded signature differs from the one that was sent, which a provider may send back too.
    redact = with_signatures_of([exchange], account).redactor()
    return replace(exchange, request=request, answer=_masked(exchange.answer, redact))


def _masked(answer: Answer | Failure, redact: Redactor) -> Answer | Failure:
    if isinstance(answer, Failure):
        return replace(answer, message=redact(answer.message))
    headers = tuple((redact(name), redact(value)) for name, value in redact_headers(answer.headers))
    body = redact(answer.body.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
    return Answer(answer.http_status, headers, body)
