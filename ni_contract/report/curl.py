"""A curl line that really repeats a request, with the credentials taken from the environment."""

from __future__ import annotations

import json
from collections.abc import Iterable
from urllib.parse import quote

from ni_contract.credentials import Credentials
from ni_contract.exchange import Request
from ni_contract.judge.asked import JSON_TYPES, Asked, basic_pair, read_request
from ni_contract.signature import matching_method

KEY, SECRET, SIGNATURE_SECRET = "$NI_API_KEY", "$NI_API_SECRET", "$NI_SIGNATURE_SECRET"
_HASHES = {
    "md5hash": f"printf '%s%s' \"$T\" \"{SIGNATURE_SECRET}\" | openssl dgst -md5",
    "hmac-md5": f"printf '%s' \"$T\" | openssl dgst -md5 -hmac \"{SIGNATURE_SECRET}\"",
    "hmac-sha1": f"printf '%s' \"$T\" | openssl dgst -sha1 -hmac \"{SIGNATURE_SECRET}\"",
    "hmac-sha256": f"printf '%s' \"$T\" | openssl dgst -sha256 -hmac \"{SIGNATURE_SECRET}\"",
    "hmac-sha512": f"printf '%s' \"$T\" | openssl dgst -sha512 -hmac \"{SIGNATURE_SECRET}\"",
}


def curl_line(request: Request, base_url: str, account: Credentials) -> str:
    """The shell line for *request*; the base URL is *base_url*, or the word URL where curl cannot reach the target."""
    asked = read_request(request)
    location, _, query = request.url.partition("?")
    url = base_url + "/" + (asked.format or "json") if asked.format else location
    method = matching_method(asked.params, account.signature_secret, asked.get("sig") or "")
    if method is not None:
        return _signed(request, asked, url, method, account)
    target = _double(_symbols(f"{url}?{query}" if query else url, account))
    return " ".join(["curl -s -g", *_method(request), target, *_headers(request, account), *_body(request, account)])


def _method(request: Request) -> list[str]:
    if request.method == "HEAD":
        return ["-I"]
    usual = "POST" if request.body else "GET"
    return [] if request.method == usual else ["-X", request.method]


def _headers(request: Request, account: Credentials) -> Iterable[str]:
    for name, value in request.headers:
        pair = basic_pair(value) if name.lower() == "authorization" else None
        if pair is not None:
            user = KEY if pair[0] == account.api_key else pair[0]
            yield f'-u "{user}:{SECRET if pair[1] == account.api_secret else pair[1]}"'
        elif not (name.lower() == "content-type" and value == "application/x-www-form-urlencoded" and request.body):
            yield f"-H '{name}: {value}'"


def _body(request: Request, account: Credentials) -> list[str]:
    if not request.body:
        return []
    return ["--data-raw " + _double(_symbols(request.body.decode("utf-8", "replace"), account))]


def _symbols(text: str, account: Credentials) -> str:
    """*text* for double quotes, with each credential replaced by its variable; variants of one by an expansion."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$").replace("`", "\\`")
    for name, value, variable in (
        ("api_key", account.api_key, KEY),
        ("api_secret", account.api_secret, SECRET),
    ):
        for written, expansion in _variants(value, variable):
            for encode in (_percent, _json_text):
                escaped = escaped.replace(f"{name}={encode(written)}&", f"{name}={expansion}&")
                escaped = escaped.replace(f'{name}\\": \\"{encode(written)}\\"', f'{name}\\": \\"{expansion}\\"')
                if escaped.endswith(f"{name}={encode(written)}"):
                    escaped = escaped.removesuffix(encode(written)) + expansion
    return escaped


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


def _signed(request: Request, asked: Asked, url: str, method: str, account: Credentials) -> str:
    """A line that signs anew, for a signature does not outlive its timestamp."""
    pairs = [(name, value) for name, value in asked.params if name != "sig"]
    ordered = sorted((name, value.replace("&", "_").replace("=", "_")) for name, value in pairs)
    text = "".join(f"&{name}={_now(name, value, account)}" for name, value in ordered)
    digest = f"S=$({_HASHES[method]} | sed 's/.* //')"
    start = f'N=$(date +%s); T="{text}"; {digest}; '
    sent = [(name, _now(name, value, account)) for name, value in pairs] + [("sig", "$S")]
    if asked.media_type in JSON_TYPES and request.method == "POST":
        body = ", ".join(f'\\"{name}\\": \\"{value}\\"' for name, value in sent)
        return f"{start}curl -s {url} -H 'Content-Type: {asked.media_type}' --data-raw \"{{{body}}}\""
    data = " ".join(f'--data-urlencode "{name}={value}"' for name, value in sent)
    return f"{start}curl -s {'' if request.method == 'POST' else '-G '}{url} {data}"


def _now(name: str, value: str, account: Credentials) -> str:
    if name == "timestamp":
        return "$N"
    return KEY if (name, value) == ("api_key", account.api_key) else value
