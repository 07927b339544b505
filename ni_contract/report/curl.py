"""A curl line, for bash, that really repeats a request, with the credentials taken from the environment."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from shlex import quote as quote_for_shell
from typing import NamedTuple
from urllib.parse import quote

from ni_contract.contract.form_encoding import MalformedForm, parse_form
from ni_contract.contract.signature import METHODS, sign
from ni_contract.contract.vocabulary import JSON_TYPES
from ni_contract.exchanges.credential import basic_pair
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.request import ParsedRequest, parse_request
from ni_contract.exchanges.values import Request

KEY, SECRET, SIGNATURE_SECRET = "$NI_API_KEY", "$NI_API_SECRET", "$NI_SIGNATURE_SECRET"
_DIGESTS = {"hmac-md5": "md5", "hmac-sha1": "sha1", "hmac-sha256": "sha256", "hmac-sha512": "sha512"}
_CUT = 8
# Shell functions that encode the value of a variable, which the shell knows and the line must not: u for URLs and
# forms, j for JSON.
_FUNCTIONS = {
    "u": r"""u() { printf %s "$1" | od -An -v -tx1 | tr -d ' \n' | sed 's/../%&/g'; }; """,
    "j": r"""j() { printf %s "$1" | sed 's/[\\"]/\\&/g'; }; """,
}
_JSON_STRING = re.compile(r'("(?:[^"\\]|\\.)*")(\s*:)?', re.DOTALL)

# The expansion that writes the value of a parameter, None for one that is no credential.
Expand = Callable[[str, str], str | None]


class _Signing(NamedTuple):
    """How a request was signed: the method, the variable of the secret, the filter that its hex went through."""

    method: str
    variable: str
    filter: str


def curl_line(request: Request, base_url: str, account: Credentials, sent_at: float | None = None) -> str:
    """The shell line for *request*; the base URL is *base_url*, or the word URL where curl cannot reach the target.

    *sent_at* (seconds since the epoch) tells how old the timestamp of a signed request has to be.
    """
    asked = parse_request(request)
    location, _, query = request.url.partition("#")[0].partition("?")
    url = base_url + "/" + (asked.format or "json") if asked.format else location
    signing = _signing(asked, account)
    # A signature does not outlive its timestamp: such a line signs anew.
    anew = {} if signing is None else {"sig": "$S"}
    if signing is not None and _is_moment(asked.get("timestamp")):
        anew["timestamp"] = "$N"
    start = "" if signing is None else _start(asked, signing, account, _age(asked, sent_at))

    in_form, in_json = _expand(account, anew, "u", _percent), _expand(account, anew, "j", _json_text)
    target = _escape(url) + (f"?{_form(query, in_form)}" if query else "")
    parts = ["curl -s -g", *_method(request), f'"{target}"', *_headers(request, account)]
    if request.body:
        text = request.body.decode("utf-8", "replace")
        body = _json(text, in_json) if asked.media_type in JSON_TYPES else _form(text, in_form)
        parts.append(f'--data-raw "{body}"')
    line = " ".join(parts)
    # What others wrote cannot look like a call: its $ and its quotes are escaped.
    return start + "".join(text for name, text in _FUNCTIONS.items() if f'$({name} "' in line) + line


def _expand(account: Credentials, anew: Mapping[str, str], function: str, encode: Callable[[str], str]) -> Expand:
    """Variables where credentials stand, encoded by the shell *function* where *encode* says that they need it."""
    known = {
        (name, written): expansion if _is_plain(written, encode) else f'$({function} "{expansion}")'
        for name, secret, variable in _credentials(account)
        for written, expansion in reversed(_variants(secret, variable))
        if written
    }
    return lambda name, value: anew.get(name) or known.get((name, value))


def _is_plain(value: str, encode: Callable[[str], str]) -> bool:
    """Whether *value* is sent as it is. JSON needs no escapes for what is not ASCII."""
    return encode(value) == value


def _form(text: str, expand: Expand) -> str:
    """A form for double quotes, as it was written, but for the values that *expand* knows."""
    return "&".join(_form_field(part, expand) for part in text.split("&"))


def _form_field(part: str, expand: Expand) -> str:
    try:
        pairs = parse_form(part)
    except MalformedForm:
        return _escape(part)
    expansion = expand(*pairs[0]) if pairs else None
    if expansion is None:
        return _escape(part)
    return f"{_escape(part.partition('=')[0])}={expansion}"


def _json(text: str, expand: Expand) -> str:
    """JSON for double quotes, as it was written, but for the strings that *expand* knows."""
    written, end, name = [], 0, ""
    for match in _JSON_STRING.finditer(text):
        try:
            value = str(json.loads(match[1], strict=False))
        except ValueError:
            continue
        expansion = None
        if match[2]:
            name = value
        else:
            expansion, name = expand(name, value), ""
        if expansion is not None:
            written += [_escape(text[end : match.start()]), f'\\"{expansion}\\"']
            end = match.end()
    return "".join([*written, _escape(text[end:])])


def _credentials(account: Credentials) -> tuple[tuple[str, str, str], ...]:
    return (("api_key", account.api_key, KEY), ("api_secret", account.api_secret, SECRET))


def _signing(asked: ParsedRequest, account: Credentials) -> _Signing | None:
    sig = asked.get("sig") or ""
    for secret, variable in ((account.signature_secret, SIGNATURE_SECRET), (account.api_secret, SECRET)):
        for method in METHODS:
            whole = sign(asked.params, secret, method)
            written = {whole: "", whole.upper(): " | tr a-f A-F", whole[:_CUT]: f" | cut -c1-{_CUT}"}
            if sig in written:
                return _Signing(method, variable, written[sig])
    return None


def _age(asked: ParsedRequest, sent_at: float | None) -> int:
    timestamp = asked.get("timestamp") or ""
    known = sent_at is not None and _is_moment(timestamp)
    if known:
        return int(sent_at or 0) - int(timestamp[:15])
    return 0


def _is_moment(timestamp: str | None) -> bool:
    """Whether *timestamp* is a number of seconds; another text is sent as it was."""
    return timestamp is not None and timestamp.isascii() and timestamp.isdigit()


def _method(request: Request) -> list[str]:
    if request.method == "HEAD":
        return ["-I"]
    usual = "POST" if request.body else "GET"
    if request.method == usual:
        return []
    return ["-X", quote_for_shell(request.method)]


def _headers(request: Request, account: Credentials) -> Iterable[str]:
    for name, value in request.headers:
        pair = basic_pair(value) if name.lower() == "authorization" else None
        if pair is not None:
            user = KEY if pair[0] == account.api_key else _escape(pair[0])
            yield f'-u "{user}:{SECRET if pair[1] == account.api_secret else _escape(pair[1])}"'
        elif not (name.lower() == "content-type" and value == "application/x-www-form-urlencoded" and request.body):
            # With a colon and nothing behind it, curl would leave the header out.
            yield "-H " + quote_for_shell(f"{name}: {value}" if value else f"{name};")


def _escape(text: str) -> str:
    """*text* as it stands between double quotes in a shell; a ! leaves them, for they do not keep it from meaning."""
    for character in ("\\", '"', "$", "`"):
        text = text.replace(character, f"\\{character}")
    return text.replace("!", "\"'!'\"")


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
    return json.dumps(value, ensure_ascii=False)[1:-1]


def _start(asked: ParsedRequest, signing: _Signing, account: Credentials, age: int) -> str:
    """Sets N, the timestamp, T, the text to sign, and S, the signature."""
    pairs = sorted((name, value) for name, value in asked.params if name not in ("sig", "api_secret"))
    text = "".join(f"&{_escape(name)}={_now(name, value, account)}" for name, value in pairs)
    seconds = f"$(($(date +%s) - {age}))" if age else "$(date +%s)"
    return f'N={seconds}; T="{text}"; S=$({_digest(signing)}{signing.filter}); '


def _digest(signing: _Signing) -> str:
    if signing.method == "md5hash":
        hashed = f'printf \'%s%s\' "$T" "{signing.variable}" | openssl dgst -md5'
    else:
        hashed = f'printf \'%s\' "$T" | openssl dgst -{_DIGESTS[signing.method]} -hmac "{signing.variable}"'
    return f"{hashed} | sed 's/.* //'"


def _now(name: str, value: str, account: Credentials) -> str:
    if name == "timestamp" and _is_moment(value):
        return "$N"
    signed = value.replace("&", "_").replace("=", "_")
    if (name, value) == ("api_key", account.api_key):
        if signed == value:
            return KEY
        return "${NI_API_KEY//[&=]/_}"
    return _escape(signed)
