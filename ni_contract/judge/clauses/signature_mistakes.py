"""The mistake in a wrong signature, found by making each of the usual ones, and that in a wrong timestamp."""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from operator import itemgetter
from typing import Final
from urllib.parse import quote, quote_plus, unquote_plus

from ni_contract.contract.signature import METHODS, UNSIGNED, WINDOW_SECONDS, joined, sign_bytes, sign_text, signed_text
from ni_contract.exchanges.credentials import Credentials

Params = Sequence[tuple[str, str]]
_DIGITS: Final = re.compile("[0-9]{1,30}")
_FRACTIONS: Final = {1_000: "milliseconds", 1_000_000: "microseconds", 1_000_000_000: "nanoseconds"}
# What becomes of a country that is none, as text in several languages.
_NOTHING: Final = ("", "None", "null", "undefined", "nil")
MAX_OLDER, MAX_NEWER = 61, 5  # seconds
_DIGESTS: Final = ("md5", "sha1", "sha256", "sha512")
_VALUES: Final[dict[str, Callable[[str], str]]] = {
    "values that are URL-encoded": quote_plus,
    "values that are URL-encoded, a space as %20": quote,
    "values in which a space is written as +": lambda value: value.replace(" ", "+"),
    "values without their spaces": lambda value: value.replace(" ", ""),
    "a number without its plus": lambda value: value.replace("+", ""),
    "a number whose plus was read as a space": lambda value: value.replace("+", " "),
    "a number whose plus was then sent as it is, not as %2B": lambda value: value.replace(" ", "+", 1),
    "values cut at both ends": str.strip,
    "values in which white space is one blank": lambda value: " ".join(value.split()),
    "values in small letters": str.lower,
    "values in capital letters": str.upper,
}

_SEPARATORS: Final[dict[str, Callable[[str], str]]] = {
    "& and = are not replaced by _": str,
    "only & is replaced by _, not =": lambda value: value.replace("&", "_"),
    "only = is replaced by _, not &": lambda value: value.replace("=", "_"),
    "only the first & and = are replaced by _": lambda value: value.replace("&", "_", 1).replace("=", "_", 1),
    "only the first & or = is replaced by _": partial(re.compile("[&=]").sub, "_", count=1),
    "& and = are left out, not replaced by _": lambda value: value.replace("&", "").replace("=", ""),
    "& and = are replaced by -, not _": lambda value: value.replace("&", "-").replace("=", "-"),
    "& and = are replaced by a space, not _": lambda value: value.replace("&", " ").replace("=", " "),
    "several & and = are replaced by one _": partial(re.compile("[&=]+").sub, "_"),
}


def mistake_of(params: Iterable[tuple[str, str]], account: Credentials | None, sig: str) -> str:
    """A phrase for what *sig* is the hash of, instead of *params* with the signature secret; "" where none fits."""
    if account is None:
        return ""
    kept, given = [pair for pair in params if pair[0] not in UNSIGNED], sig.lower()
    return next((f"the hash of {phrase}" for phrase, value in _wrong(kept, account) if value == given), "")


def age_of(timestamp: str, sent_at: float | None) -> str:
    """How far *timestamp* is from *sent_at*, in words; "" where one of them is no time."""
    if sent_at is None or not _DIGITS.fullmatch(timestamp):
        return ""
    for divisor, unit in _FRACTIONS.items():
        if abs(int(timestamp) / divisor - sent_at) <= WINDOW_SECONDS:
            return f", which is in {unit}"
    seconds = round(sent_at - int(timestamp))
    return f", {abs(seconds):,} s {'old' if seconds > 0 else 'ahead'} when the request came"


def _wrong(params: Params, account: Credentials) -> Iterator[tuple[str, str]]:
    secret = account.signature_secret
    for phrase, text in _texts(params, account):
        for method in METHODS:
            yield phrase, sign_text(text, secret, method)
    right = signed_text(params)
    keys = {
        "the api_secret instead of the signature secret": account.api_secret,
        "no secret": "",
        "the secret in small letters": secret.lower(),
        "the secret in capital letters": secret.upper(),
        "the secret with a line break": f"{secret}\n",
        "the secret, in which & and = are replaced by _": secret.replace("&", "_").replace("=", "_"),
        "the secret URL-decoded": unquote_plus(secret),
        "the secret URL-encoded": quote_plus(secret),
    }
    for phrase, key in keys.items():
        for method in METHODS:
            yield f"the parameters and {phrase}", sign_text(right, key, method)
    yield from _wrongly_hashed(right, secret)


def _texts(params: Params, account: Credentials) -> Iterator[tuple[str, str]]:
    """Wrong texts to sign, each with a phrase for it."""
    by_name = sorted(params)
    yield "the parameters in the order in which they were sent, not sorted by name", joined(params)
    yield "the parameters in the reverse order of their names", joined(reversed(by_name))
    yield "the parameters sorted by their values", joined(sorted(params, key=itemgetter(1)))
    yield "a text without the & at its start", joined(by_name)[1:]
    yield "a text that begins with ?, not with &", f"?{joined(by_name)[1:]}"
    yield "a text with a line break at its end", f"{joined(by_name)}\n"
    yield "the number and the timestamp alone", joined(pair for pair in by_name if pair[0] in ("number", "timestamp"))
    yield "names and values without & and = between them", "".join(f"{name}{value}" for name, value in by_name)
    for phrase, clean in _SEPARATORS.items():
        yield f"values in which {phrase}", _raw((name, clean(value)) for name, value in by_name)
    with_secret = [*by_name, ("api_secret", account.api_secret)]
    yield "the parameters with the api_secret among them", joined(sorted(with_secret))
    yield "the parameters with the api_secret behind them", joined(with_secret)
    for phrase, change in _VALUES.items():
        yield phrase, joined((name, change(value)) for name, value in by_name)
    yield "a number with a plus that was not sent", joined((n, f"+{v}" if n == "number" else v) for n, v in by_name)
    for name, value in by_name:
        others = [pair for pair in by_name if pair[0] != name]
        yield f"the parameters without {name}", joined(others)
        yield f"the parameters sorted by name, but for {name} at the end", joined([*others, (name, value)])
    for value in _NOTHING:
        with_country = sorted([*by_name, ("country", value)])
        yield f"the parameters with the country {value!r} among them, which was not sent", joined(with_country)
    yield from _of_other_times(by_name)


def _of_other_times(params: Params) -> Iterator[tuple[str, str]]:
    """The texts with the timestamps of the last minute, such as that of the request before, and of the next seconds."""
    sent = dict(params).get("timestamp", "")
    if not re.fullmatch("[0-9]{1,12}", sent):
        return
    for older in (*range(1, MAX_OLDER), *range(-MAX_NEWER, 0)):
        words = f"{older} s older" if older > 0 else f"{-older} s newer"
        text = joined((n, str(int(v) - older) if n == "timestamp" else v) for n, v in params)
        yield f"the parameters with a timestamp that is {words} than the one that was sent", text


def _raw(pairs: Iterable[tuple[str, str]]) -> str:
    return "".join(f"&{name}={value}" for name, value in pairs)


def _wrongly_hashed(text: str, secret: str) -> Iterator[tuple[str, str]]:
    """Wrong hashes of the right *text*, each with a phrase for it."""
    in_latin_1 = text.encode("latin-1", "replace")
    for method in METHODS:
        yield "the parameters in Latin-1, not in UTF-8", sign_bytes(in_latin_1, secret, method)
    for name in _DIGESTS:
        yield "the parameters with the secret in front of them", hashlib.new(name, (secret + text).encode()).hexdigest()
        yield (
            "the parameters by HMAC, with the text as its key",
            hmac.new(text.encode(), secret.encode(), name).hexdigest(),
        )
        yield "the parameters, an & and the secret", hashlib.new(name, f"{text}&{secret}".encode()).hexdigest()
        yield (
            "the parameters and the secret by HMAC",
            hmac.new(secret.encode(), (text + secret).encode(), name).hexdigest(),
        )
        if name != "md5":
            yield f"the parameters by {name} without HMAC", hashlib.new(name, (text + secret).encode()).hexdigest()
