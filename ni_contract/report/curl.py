"""A curl line, for bash, that repeats a request, with the credentials taken from the environment."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from itertools import chain
from shlex import quote as quote_for_shell
from typing import NamedTuple
from urllib.parse import quote, unquote_plus

from ni_contract.contract.signature import METHODS, sign
from ni_contract.contract.vocabulary import FORM, JSON_TYPES
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.near_misses import AROUND, near_misses, signature_forms
from ni_contract.exchanges.request import ParsedRequest, parse_request
from ni_contract.exchanges.request_credential import basic_pair
from ni_contract.exchanges.values import Request
from ni_contract.report.words import only_if

KEY, SECRET, SIGNATURE_SECRET = "$NI_API_KEY", "$NI_API_SECRET", "$NI_SIGNATURE_SECRET"
_STRING = r'"((?:[^"\\]|\\.)*)"'


class _Syntax(NamedTuple):
    """The form of parameters: *field* matches one with its name and value; *encode* and *decode* convert a value.

    *function* is the shell's `encode`, named by its first letter: only the shell has the value of a variable.
    """

    field: re.Pattern[str]
    decode: Callable[[str], str]
    encode: Callable[[str], str]
    function: str


def _json_decoded(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"', strict=False))
    except ValueError:
        return text


_FORM = _Syntax(
    re.compile("([^&=]*)=([^&]*)"),
    unquote_plus,
    lambda value: quote(value, safe=""),
    r"""u() { printf %s "$1" | od -An -v -tx1 | tr -d ' \n' | sed 's/../%&/g'; }; """,
)
_JSON = _Syntax(
    re.compile(rf"{_STRING}(?:\s*:\s*{_STRING})?", re.DOTALL),
    _json_decoded,
    lambda value: json.dumps(value, ensure_ascii=False)[1:-1],
    r"""j() { printf %s "$1" | sed 's/[\\"]/\\&/g'; }; """,
)


def curl_line(request: Request, base_url: str, account: Credentials, sent_at: float | None = None) -> str:
    """The shell line for *request*; the base URL is *base_url*, or the word URL where curl cannot reach the target.

    *sent_at* (seconds since the epoch) gives the age of a signed request's timestamp.
    """
    asked = parse_request(request)
    location, _, query = request.url.partition("#")[0].partition("?")
    url = f"{base_url}/{asked.format}" if asked.format else location
    start, anew = _signed_anew(asked, account, sent_at)
    target = f"{_escape(url)}{only_if(query, '?')}{_fill(query, _FORM, account, anew)}"
    parts = ["curl -s -g", *_method(request), f'"{target}"', *_headers(request, account)]
    if request.body:
        syntax = _JSON if asked.media_type in JSON_TYPES else _FORM
        parts.append(f'--data-raw "{_fill(request.body.decode("utf-8", "replace"), syntax, account, anew)}"')
    line = " ".join(parts)
    # Text from others cannot be taken for a call, because its $ and quotes are escaped.
    return start + "".join(s.function for s in (_FORM, _JSON) if f'$({s.function[0]} "' in line) + line


def _fill(text: str, syntax: _Syntax, account: Credentials, anew: Mapping[str, str]) -> str:
    """*text* for double quotes, as it was written, with variables where credentials stand."""
    known = _known(account, syntax)
    lone = {value: expansion for (_, value), expansion in known.items()}
    written, end = "", 0
    for match in syntax.field.finditer(text):
        name, value = (syntax.decode(group or "") for group in match.groups())
        place, expansion = 2, anew.get(name) or known.get((name, value))
        if match[2] is None:  # a text in a JSON list, for instance
            place, expansion = 1, lone.get(name)
        if expansion:
            written += _escape(text[end : match.start(place)]) + expansion
            end = match.end(place)
    return written + _escape(text[end:])


@lru_cache(maxsize=16)
def _known(account: Credentials, syntax: _Syntax) -> Mapping[tuple[str, str], str]:
    return dict(_expansions(account, syntax))


def _expansions(account: Credentials, syntax: _Syntax) -> Iterator[tuple[tuple[str, str], str]]:
    """Each parameter with a credential, also as vectors change one, with what the shell has to write for its value."""
    key, secret = (account.api_key, KEY), (account.api_secret, SECRET)
    signature = (account.signature_secret, SIGNATURE_SECRET)
    # perl takes a character, not a byte, in any locale.
    last = f"$(printf %s \"{KEY}\" | perl -CS -pe 's/.*(.)/$1/')"
    joined = {account.joined(): f"{last}{SECRET}"}
    # The last one counts, where two are the same text: the one that belongs under the name.
    for name, known in (("api_key", (signature, secret, key)), ("api_secret", (signature, key, secret))):
        variants = (joined, *(_variants(*one) for one in known if one[0]))
        for value, expansion in chain.from_iterable(each.items() for each in variants):
            if syntax.encode(value) != value:
                expansion = f'$({syntax.function[0]} "{expansion}")'
            yield (name, value), expansion
            for before, after in AROUND.values():
                written = (_escape(syntax.encode(text)) for text in (before, after))
                yield (name, f"{before}{value}{after}"), expansion.join(written)


def _variants(secret: str, variable: str) -> dict[str, str]:
    """*secret* and what vectors make of it, with what the shell writes for each."""
    return {**dict(near_misses(secret, variable.removeprefix("$")).values()), secret: variable}


def _method(request: Request) -> list[str]:
    if request.method == "HEAD":
        return ["-I"]
    usual = "POST" if request.body else "GET"
    if request.method == usual:
        return []
    return ["-X", quote_for_shell(request.method)]


def _headers(request: Request, account: Credentials) -> Iterator[str]:
    if request.body and not any(name.lower() == "content-type" for name, _ in request.headers):
        yield "-H 'Content-Type:'"  # else curl adds that of a form
    for name, value in request.headers:
        if name.lower() == "authorization" and (pair := basic_pair(value)) is not None:
            user = _variants(account.api_key, KEY).get(pair[0]) or _escape(pair[0])
            yield f'-u "{user}:{_variants(account.api_secret, SECRET).get(pair[1]) or _escape(pair[1])}"'
        elif value == f"Basic {account.key_token()}":
            yield f'-H "Authorization: Basic $(printf %s "{KEY}" | base64)"'
        elif not (name.lower() == "content-type" and value == FORM and request.body):
            # With a colon and no value, curl would leave the header out.
            yield "-H " + quote_for_shell(f"{name}: {value}" if value else f"{name};")


def _escape(text: str) -> str:
    """*text* for double quotes in a shell; a ! is moved outside, because they do not disable it.

    So is the end of a line, which a report would write as two characters.
    """
    written = re.sub(r'([\\"$`])', r"\\\1", text).replace("!", "\"'!'\"")
    return written.replace("\n", "\"$'\\n'\"")


def _signed_anew(asked: ParsedRequest, account: Credentials, sent_at: float | None) -> tuple[str, dict[str, str]]:
    """The commands that sign a signed request anew, since a signature expires, and its new variables.

    The commands set N, the timestamp, T, the text to sign, and S, the signature.
    """
    timestamp = asked.get("timestamp") or ""
    signature = _signature(asked, account)
    if signature is None:
        return "", {}
    anew, now = {"sig": "$S"}, "$(date +%s)"
    if timestamp.isascii() and timestamp.isdigit():  # another text is sent as it was
        anew["timestamp"] = "$N"
        if age := int(sent_at or int(timestamp[:15])) - int(timestamp[:15]):
            now = f"$(($(date +%s) - {age}))"
    pairs = sorted((name, value) for name, value in asked.params if name not in ("sig", "api_secret"))
    text = "".join(f"&{_escape(name)}={_to_sign(name, value, account, anew)}" for name, value in pairs)
    return f'N={now}; T="{text}"; S=$({signature}); ', anew


def _signature(asked: ParsedRequest, account: Credentials) -> str | None:
    """The command that signs `$T` as *asked* was: by which secret, or none, which method and which hex digits."""
    sig = asked.get("sig") or ""
    for secret, variable in ((account.signature_secret, SIGNATURE_SECRET), (account.api_secret, SECRET), ("", "")):
        for method in METHODS:
            whole = sign(asked.params, secret, method)
            written = {**dict(signature_forms(whole).values()), whole: ""}
            if sig in written:
                command = written[sig]
                return f"{_digest(method, variable)} | sed 's/.* //'{only_if(command, ' | ')}{command}"
    return None


def _digest(method: str, variable: str) -> str:
    if method == "md5hash":
        return f'printf \'%s%s\' "$T" "{variable}" | openssl dgst -md5'
    return f'printf \'%s\' "$T" | openssl dgst -{method.removeprefix("hmac-")} -hmac "{variable}"'


def _to_sign(name: str, value: str, account: Credentials, anew: Mapping[str, str]) -> str:
    """The value of a parameter in the text to sign, in which `&` and `=` are underscores."""
    signed = value.replace("&", "_").replace("=", "_")
    if (name, value) != ("api_key", account.api_key):
        return anew.get(name) or _escape(signed)
    return KEY if signed == value else "${NI_API_KEY//[&=]/_}"
