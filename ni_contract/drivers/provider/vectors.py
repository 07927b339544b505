"""The fixed requests of `spec/vectors/lookups.json`, and the values of their placeholders. See the README there."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final
from urllib.parse import quote

from ni_contract.contract.signature import sign
from ni_contract.contract.spec_files import read_spec
from ni_contract.contract.vocabulary import JSON_TYPES
from ni_contract.drivers.provider.controls import Fields
from ni_contract.exchanges.credentials import WRONG_KEY, WRONG_SECRET, Credentials
from ni_contract.exchanges.near_misses import AROUND, near_misses, signature_forms
from ni_contract.exchanges.request import parse_request, split_media_type
from ni_contract.exchanges.values import Request, header

PLACEHOLDER = re.compile(r"\{\{([a-z_.0-9]+)\}\}")
FILLER_CHARACTERS = 5_000
MAX_NONCES: Final = 200  # to find a signature that begins with a certain digit


@dataclass(frozen=True, slots=True)
class Vector:
    """A fixed request; *request* holds its fields with their placeholders, *answer* what each edition says.

    *in_order*: it shows something by its place, and is sent when all before it have been answered. *probe*: it is there
    to find out whether the features in `needs` are offered. *own*: the user wrote it, so that it is sent as it is.
    """

    id: str
    title: str
    request: Mapping[str, Any]
    answer: Mapping[str, Any]
    needs: tuple[str, ...] = ()
    in_order: bool = False
    probe: bool = False
    own: bool = False


@cache
def lookup_vectors() -> tuple[Vector, ...]:
    """All vectors, in the order in which they are to be sent."""
    rows = json.loads(read_spec("vectors/lookups.json"))["vectors"]
    return tuple(Vector(**{**row, "needs": tuple(row.get("needs", ()))}) for row in rows)


def applies(vector: Vector, account: Credentials) -> bool:
    """False for a vector whose wrong key or secret would be the right one of *account*."""
    text = json.dumps(vector.request)
    key, secret, signature_secret = account.api_key, account.api_secret, account.signature_secret
    right_after_all = {
        "api_secret.other_case": secret == secret.swapcase(),
        "api_key.other_case": key == key.swapcase(),
        "api_secret={{api_key}}": secret == key,
        "api_secret={{signature_secret}}": secret == signature_secret,
        "api_secret=null": secret == "null",
        '"secret": "api_secret"': secret == signature_secret,
    }
    return not any(part in text and is_right for part, is_right in right_after_all.items())


def placeholders_of(fields: Fields) -> frozenset[str]:
    return frozenset(PLACEHOLDER.findall(json.dumps(fields)))


def build(vector: Vector, base_url: str, account: Credentials, now: float) -> Request:
    """The request of *vector* to *base_url* (which ends in /ni/basic), signed at *now* (seconds since the epoch)."""
    return build_request(vector.request, base_url, account, now)


def build_request(fields: Fields, base_url: str, account: Credentials, now: float) -> Request:
    """The request that *fields* (those of a vector's `request`) describe.

    Half a surrogate pair in the body is a byte that is no UTF-8, as with the error handler `surrogateescape`.
    """
    how = fields.get("sign")
    if how is None:
        return _fill(fields, base_url, _values(account, int(now)))
    values = _values(account, int(now) - how.get("seconds_ago", 0))
    for nonce in range(MAX_NONCES):
        values["nonce"] = str(nonce)
        values["sig"] = _sig(_fill(fields, base_url, {**values, "sig": ""}), how, account)
        if values["sig"].startswith(how.get("begins", "")):
            break
    return _fill(fields, base_url, values)


def _values(account: Credentials, timestamp: int) -> dict[str, str]:
    return {**_values_of_account(account), "timestamp": str(timestamp)}


@lru_cache(maxsize=16)
def _values_of_account(account: Credentials) -> dict[str, str]:
    secret, key = account.api_secret, account.api_key
    keys, secrets = _near_misses("api_key", key), _near_misses("api_secret", secret)
    return {
        **keys,
        **secrets,
        **{f"basic.{name}": Credentials(near, secret).basic_token() for name, near in keys.items()},
        **{f"basic.{name}": Credentials(key, near).basic_token() for name, near in secrets.items()},
        "signature_secret": account.signature_secret,
        "basic": account.basic_token(),
        "basic.wrong_secret": Credentials(key, WRONG_SECRET).basic_token(),
        "basic.cut_secret": Credentials(key, secret[:-1]).basic_token(),
        "basic.empty_secret": Credentials(key, "").basic_token(),
        "basic.key_alone": account.key_token(),
        "basic.wrong_key": Credentials(WRONG_KEY, secret).basic_token(),
        "api_secret.joined": account.joined(),
        "filler": "x" * FILLER_CHARACTERS,
        "nonce": "0",
    }


def _near_misses(name: str, value: str) -> dict[str, str]:
    """A key or a secret, and what is close to it, by placeholder."""
    return {
        name: value,
        **{f"{name}.{place}": f"{before}{value}{after}" for place, (before, after) in AROUND.items()},
        **{f"{name}.{change}": near.text for change, near in near_misses(value, "").items()},
    }


PLACEHOLDERS: Final = (*_values(Credentials(), 0), "sig")


def _fill(fields: Fields, base_url: str, values: Mapping[str, str]) -> Request:
    headers = tuple((name, _replace(value, values, str)) for name, value in fields.get("headers", {}).items())
    query = _replace(fields.get("query", ""), values, _percent)
    media_type = split_media_type(header(headers, "content-type") or "")[0]
    body = _replace(fields.get("body", ""), values, _json_text if media_type in JSON_TYPES else _percent)
    url = base_url + fields["path"] + (f"?{query}" if query else "")
    return Request(fields["method"], url, headers, body.encode("utf-8", "surrogateescape"))


def _replace(text: str, values: Mapping[str, str], encode: Callable[[str], str]) -> str:
    return PLACEHOLDER.sub(lambda match: encode(values[match[1]]), text)


def _percent(value: str) -> str:
    return quote(value, safe="")


def _json_text(value: str) -> str:
    return json.dumps(value)[1:-1]


def _sig(unsigned: Request, how: Mapping[str, Any], account: Credentials) -> str:
    instead, left_out = how.get("instead", {}), how.get("leave_out", ())
    params = [(n, instead.get(n, value)) for n, value in parse_request(unsigned).params if n not in left_out]
    secrets = {"wrong": WRONG_SECRET, "api_secret": account.api_secret, "none": ""}
    sig = sign(params, secrets.get(how.get("secret", ""), account.signature_secret), how["method"])
    written = signature_forms(sig).get(how.get("hex", ""))
    return sig if written is None else written.text
