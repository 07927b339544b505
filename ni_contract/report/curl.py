"""A curl line that really repeats a request, with the credentials taken from the environment."""

from __future__ import annotations

import json
from collections.abc import Iterable
from shlex import quote as quote_for_shell
from typing import NamedTuple
from urllib.parse import quote

from ni_contract.credentials import Credentials
from ni_contract.exchange import Request
from ni_contract.judge.asked import JSON_TYPES, Asked, read_request
from ni_contract.judge.credential import basic_pair
from ni_contract.signature import METHODS, sign

KEY, SECRET, SIGNATURE_SECRET = "$NI_API_KEY", "$NI_API_SECRET", "$NI_SIGNATURE_SECRET"
_DIGESTS = {"hmac-md5": "md5", "hmac-sha1": "sha1", "hmac-sha256": "sha256", "hmac-sha512": "sha512"}
_CUT = 8


class _Signing(NamedTuple):
    """How a request was signed: the method, the variable of the secret, the filter that its hex went through."""

    method: str
    variable: str
    filter: str


def curl_line(request: Request, base_url: str, account: Credentials, sent_at: float | None = None) -> str:
    """The shell line for *request*; the base URL is *base_url*, or the word URL where curl cannot reach the target.

    *sent_at* (seconds since the epoch) tells how old the timestamp of a signed request has to be.
    """
    asked = read_request(request)
    location, _, query = request.url.partition("?")
    url = base_url + "/" + (asked.format or "json") if asked.format else location
    signing = _signing(asked, account)
    if signing is not None:
        return _signed(request, asked, url, signing, account, _age(asked, sent_at))
    if asked.media_type not in JSON_TYPES and _needs_encoding(account):
        return _encoded(request, asked, url, account)
    target = _double(_symbols(f"{url}?{query}" if query else url, account))
    return " ".join(["curl -s -g", *_method(request), target, *_headers(request, account), *_body(request, account)])


def _needs_encoding(account: Credentials) -> bool:
    return any(_percent(secret) != secret for secret in (account.api_key, account.api_secret))


def _encoded(request: Request, asked: Asked, url: str, account: Credentials) -> str:
    """A line that leaves the encoding to curl, which knows the value of a variable and we do not."""
    pairs = (f"{name}={_value(name, value, account)}" for name, value in asked.params)
    data = [f'--data-urlencode "{pair}"' for pair in pairs]
    method = [] if request.method == "POST" else ["-G", *_method(request)]
    return " ".join(["curl -s -g", *method, url, *_headers(request, account), *data])


def _value(name: str, value: str, account: Credentials) -> str:
    for credential, secret, variable in _credentials(account):
        for written, expansion in _variants(secret, variable):
            if (name, value) == (credential, written):
                return expansion
    return _escape(value)


def _credentials(account: Credentials) -> tuple[tuple[str, str, str], ...]:
    return (("api_key", account.api_key, KEY), ("api_secret", account.api_secret, SECRET))


def _signing(asked: Asked, account: Credentials) -> _Signing | None:
    sig = asked.get("sig") or ""
    for secret, variable in ((account.signature_secret, SIGNATURE_SECRET), (account.api_secret, SECRET)):
        for method in METHODS:
            whole = sign(asked.params, secret, method)
            written = {whole: "", whole.upper(): " | tr a-f A-F", whole[:_CUT]: f" | cut -c1-{_CUT}"}
            if sig in written:
                return _Signing(method, variable, written[sig])
    return None


def _age(asked: Asked, sent_at: float | None) -> int:
    timestamp = asked.get("timestamp") or ""
    known = sent_at is not None and timestamp.isascii() and timestamp.isdigit()
    return int(sent_at or 0) - int(timestamp[:15]) if known else 0


def _method(request: Request) -> list[str]:
    if request.method == "HEAD":
        return ["-I"]
    usual = "POST" if request.body else "GET"
    return [] if request.method == usual else ["-X", request.method]


def _headers(request: Request, account: Credentials) -> Iterable[str]:
    for name, value in request.headers:
        pair = basic_pair(value) if name.lower() == "authorization" else None
        if pair is not None:
            user = KEY if pair[0] == account.api_key else _escape(pair[0])
            yield f'-u "{user}:{SECRET if pair[1] == account.api_secret else _escape(pair[1])}"'
        elif not (name.lower() == "content-type" and value == "application/x-www-form-urlencoded" and request.body):
            yield "-H " + quote_for_shell(f"{name}: {value}")


def _body(request: Request, account: Credentials) -> list[str]:
    if not request.body:
        return []
    return ["--data-raw " + _double(_symbols(request.body.decode("utf-8", "replace"), account))]


def _symbols(text: str, account: Credentials) -> str:
    """*text* for double quotes, with each credential replaced by its variable; variants of one by an expansion."""
    escaped = _escape(text)
    for name, value, variable in _credentials(account):
        for written, expansion in _variants(value, variable):
            for encode in (_percent, _json_text):
                escaped = escaped.replace(f"{name}={encode(written)}&", f"{name}={expansion}&")
                escaped = escaped.replace(f'{name}\\": \\"{encode(written)}\\"', f'{name}\\": \\"{expansion}\\"')
                if escaped.endswith(f"{name}={encode(written)}"):
                    escaped = escaped.removesuffix(encode(written)) + expansion
    return escaped


def _escape(text: str) -> str:
    """*text* as it stands between double quotes in a shell."""
    for character in ("\\", '"', "$", "`"):
        text = text.replace(character, f"\\{character}")
    return text


def _variants(value: str, variable: str) -> list[tuple[str, str]]:
    name = variable.removeprefix("$")
    return [
        (value, variable),
        (value.swapcase(), f"${{{name}~~}}"),
        (value[:-1], f"${{{name}%?}}"),
        (value + "x", f"${{{name}}}x"),
    ]


def _percent(value: str) -> str:
    return quote(value, safe="")


def _json_text(value: str) -> str:
    return json.dumps(value)[1:-1]


def _double(text: str) -> str:
    return f'"{text}"'


def _signed(request: Request, asked: Asked, url: str, signing: _Signing, account: Credentials, age: int) -> str:
    """A line that signs anew, for a signature does not outlive its timestamp."""
    pairs = [(name, value) for name, value in asked.params if name != "sig"]
    ordered = sorted((name, value.replace("&", "_").replace("=", "_")) for name, value in pairs)
    text = "".join(f"&{name}={_now(name, value, account)}" for name, value in ordered)
    seconds = f"$(($(date +%s) - {age}))" if age else "$(date +%s)"
    start = f'N={seconds}; T="{text}"; S=$({_digest(signing)}{signing.filter}); '
    sent = [(name, _now(name, value, account)) for name, value in pairs] + [("sig", "$S")]
    if asked.media_type in JSON_TYPES and request.method == "POST":
        body = ", ".join(f'\\"{name}\\": \\"{value}\\"' for name, value in sent)
        return f"{start}curl -s {url} -H 'Content-Type: {asked.media_type}' --data-raw \"{{{body}}}\""
    data = " ".join(f'--data-urlencode "{name}={value}"' for name, value in sent)
    return f"{start}curl -s {'' if request.method == 'POST' else '-G '}{url} {data}"


def _digest(signing: _Signing) -> str:
    if signing.method == "md5hash":
        hashed = f'printf \'%s%s\' "$T" "{signing.variable}" | openssl dgst -md5'
    else:
        hashed = f'printf \'%s\' "$T" | openssl dgst -{_DIGESTS[signing.method]} -hmac "{signing.variable}"'
    return f"{hashed} | sed 's/.* //'"


def _now(name: str, value: str, account: Credentials) -> str:
    if name == "timestamp":
        return "$N"
    return KEY if (name, value) == ("api_key", account.api_key) else _escape(value)
