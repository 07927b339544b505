"""The secrets that recordings hold, for the one purpose of keeping them out of reports."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ni_contract.exchanges.credential import basic_pair
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.redaction import SECRET_NAMES, Redactor, is_mask
from ni_contract.exchanges.request import parse_request
from ni_contract.exchanges.values import Exchange

_MOST = 200


@dataclass(frozen=True, slots=True)
class KnownSecrets(Credentials):
    """The credentials of the account if anybody gave them, and every secret that was seen in an exchange."""

    seen: tuple[str, ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, account: Credentials | None, exchanges: Iterable[Exchange]) -> KnownSecrets:
        """Those of *account* (None: nobody gave any) and of the requests of *exchanges*.

        Signatures are not among them: each is used once, and masked by the name of its parameter.
        """
        seen = {secret for exchange in exchanges for secret in secrets_in(exchange, signatures=False)}
        known = account or Credentials("", "", "")
        return cls(known.api_key, known.api_secret, known.signature_secret, tuple(sorted(seen))[:_MOST])

    def redactor(self) -> Redactor:
        """A function from text to text that masks all of them."""
        own = (self.api_key, self.api_secret, self.signature_secret)
        return Redactor((*own, *self.seen, *((self.basic_token(),) if self.api_key else ())))


def secrets_in(exchange: Exchange, signatures: bool = True) -> Iterable[str]:
    """The values of all credentials in the request of *exchange*: key, secret, Basic token and pair, and signatures."""
    asked = parse_request(exchange.request)
    for name, value in (*asked.query, *asked.body):
        is_wanted = name.lower() in SECRET_NAMES and (signatures or name.lower() != "sig")
        if is_wanted and value.strip() and not is_mask(value):
            yield value
    scheme, _, token = (asked.authorization or "").partition(" ")
    if (token or scheme).strip() and not is_mask(token or scheme):
        yield (token or scheme).strip()
    yield from basic_pair(asked.authorization) or ()
