"""Credentials are masked in all output."""

from __future__ import annotations

import base64
import json
import shlex
import time
from collections.abc import Callable
from html import escape
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape as escape_xml

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from thoroughness import draws

from ni_contract.cli import main
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.redaction import Redactor, redact_body, redact_headers, redact_text, redact_url
from ni_contract.exchanges.values import Answer, Exchange, Failure, Request, header
from ni_contract.report.failure import request_text

SECRETS = ("k3y-of-mine", "s3cr3t+/&=x", "sign!ture")
ACCOUNT = Credentials(*SECRETS)


@pytest.mark.parametrize(
    "text",
    [
        "https://h/ni/basic/json?number=1&api_key=k3y-of-mine&api_secret=s3cr3t%2B",
        "https://user:s3cr3t@h/ni/basic/json",
        "api_secret=s3cr3t+&number=1",
        '{"api_secret": "s3cr3t\\"s3cr3t", "number": "1"}',
        '{"api_secret": 1234567890}',
        "sig=0123456789abcdef",
        "Authorization: Basic czNjcjN0OnMzY3IzdA==",
        "'authorization': 'Bearer s3cr3t'",
        "API_SECRET=s3cr3t",
    ],
)
def test_credential_parameters_are_masked_by_name(text: str) -> None:
    masked = redact_url(text)
    assert "***" in masked
    assert "s3cr3t" not in masked
    assert "k3y-of-mine" not in masked
    assert "0123456789abcdef" not in masked
    assert "czNjcjN0" not in masked
    assert "1234567890" not in masked


@pytest.mark.parametrize("text", ["number=441632960960", "NIB-AUT-006 HTTP Basic with api_key", "/ni/basic documented"])
def test_other_text_is_unchanged(text: str) -> None:
    """Text without a credential stays as it is."""
    assert redact_text(text) == text


def test_credential_headers_are_masked_whole() -> None:
    headers = (("Authorization", "Basic abc"), ("Cookie", "a=b"), ("Location", "/x?api_secret=s"), ("Accept", "*/*"))
    assert redact_headers(headers) == (
        ("Authorization", "***"),
        ("Cookie", "***"),
        ("Location", "/x?api_secret=***"),
        ("Accept", "*/*"),
    )


def test_a_boolean_and_null_in_place_of_a_secret_are_shown() -> None:
    body = '{"api_key": null, "api_secret": true, "sig": [false], "api_secret": 12345678, "api_key": trueish}'
    shown = '{"api_key": null, "api_secret": true, "sig": [false], "api_secret": "***", "api_key": "***"}'
    assert redact_text(body) == shown


@pytest.mark.parametrize("form", ["{}", "x{}x", "https://h/{}", '{{"echo": "{}"}}'])
@pytest.mark.parametrize("secret", SECRETS)
def test_known_secrets_are_masked_everywhere(secret: str, form: str) -> None:
    assert secret not in ACCOUNT.redactor()(form.format(secret))


def test_encoded_secrets_are_masked() -> None:
    """Known secrets are masked percent-encoded and in Base64."""
    redact = ACCOUNT.redactor()
    assert "s3cr3t%2B%2F%26%3Dx" not in redact("x=s3cr3t%2B%2F%26%3Dx")
    assert ACCOUNT.basic_token() not in redact(f"token {ACCOUNT.basic_token()}")


def fully(pattern: str) -> Callable[[str], str]:
    return lambda secret: "".join(pattern.format(byte) for byte in secret.encode())


WRITTEN: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "other case": str.swapcase,
    "repr": lambda s: repr(s)[1:-1],
    "repr with both quotes": lambda s: repr(s + "'\"")[1:-4],
    "repr of repr": lambda s: repr(repr(s)),
    "repr of bytes": lambda s: repr(s.encode())[2:-1],
    "repr of repr of bytes": lambda s: repr(repr(s.encode())),
    "unicode_escape": lambda s: s.encode("unicode_escape").decode(),
    "JSON": lambda s: json.dumps(s)[1:-1],
    "JSON in upper case": lambda s: json.dumps(s)[1:-1].upper(),
    "JSON in UTF-8": lambda s: json.dumps(s, ensure_ascii=False)[1:-1],
    "JSON of JSON": lambda s: json.dumps(json.dumps(s)),
    "JSON of JSON of JSON": lambda s: json.dumps(json.dumps(json.dumps(s))),
    "repr of JSON": lambda s: repr(json.dumps({"a": s})),
    "JSON with escaped slashes": lambda s: json.dumps(s)[1:-1].replace("/", "\\/"),
    "JSON, percent-encoded": lambda s: quote(json.dumps(s, ensure_ascii=False)),
    "percent": lambda s: quote(s, safe=""),
    "percent but for slashes": quote,
    "percent in lower case": lambda s: quote(s, safe="").lower(),
    "percent with plus": quote_plus,
    "percent, needed or not": fully("%{:02X}"),
    "percent, partly": lambda s: s.replace("%", "%25").replace("&", "%26"),
    "percent twice": lambda s: quote(quote(s, safe=""), safe=""),
    "percent with plus twice": lambda s: quote(quote_plus(s), safe="+"),
    "percent of every byte, thrice": lambda s: quote(quote(fully("%{:02x}")(s))),
    "XML": escape_xml,
    "HTML": escape,
    "HTML twice": lambda s: escape(escape(s)),
    "HTML of JSON": lambda s: escape(json.dumps(s)),
    "decimal references": lambda s: "".join(f"&#{ord(c)};" for c in s),
    "hexadecimal references": lambda s: "".join(f"&#x{ord(c):04X};" for c in s),
    "shell": shlex.quote,
    "repr of shell": lambda s: repr(shlex.quote(s)),
    "hex": lambda s: s.encode().hex(),
    "hex in upper case": lambda s: s.encode().hex().upper(),
}
ODD = (
    "p@ss w0rd+&=%",
    "p#x?y",
    "q'u\"o\\te$x",
    "ключ-секрет",
    "back\\slash",
    "\\\\start",
    "p%25x%",
    "a&amp;b",
    "a\U0001f600bcd",
)
secrets = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=4, max_size=30) | st.text(
    st.sampled_from("aZ09 \\'\"&<>%+/=-_~éßж€"), min_size=4, max_size=30
)


def is_telling(written: str) -> bool:
    """Whether the text can be distinguished from the text around it, and from the mask."""
    return all(part not in written for part in ("***", "://")) and len(set(written.lower())) > 3


@pytest.mark.parametrize("secret", [*SECRETS, *ODD])
def test_secret_is_masked_in_usual_encodings(secret: str) -> None:
    redact = Redactor([secret])
    for form, write in WRITTEN.items():
        written = write(secret)
        masked = redact(f"<{written}>")
        assert "***" in masked, form
        assert written not in masked, form
        assert [piece for piece in pieces(secret) if piece in masked] == [], form


def pieces(text: str) -> set[str]:
    return {text[i : i + 4] for i in range(len(text) - 3)}


@given(secret=secrets)
@settings(max_examples=draws(40, 100), deadline=None)
def test_any_secret_is_masked(secret: str) -> None:
    """Any secret is masked in every usual encoding."""
    redact = Redactor([secret])
    for form, write in WRITTEN.items():
        written = write(secret)
        if is_telling(written):
            masked = redact(f"<{written}>")
            assert written not in masked, form
            assert "***" in masked, form


@pytest.mark.parametrize("altchars", [b"+/", b"-_"])
@given(secret=secrets, before=st.binary(max_size=4), after=st.binary(max_size=4))
@example(secret="ключ-секрет", before=b"k3y:", after=b"")
@settings(max_examples=40, deadline=None)
def test_base64_is_masked_at_any_offset(altchars: bytes, secret: str, before: bytes, after: bytes) -> None:
    written = base64.b64encode(before + secret.encode() + after, altchars).decode()
    masked = Redactor([secret])(written)
    start, end = len(before) * 8 // 6, -(-len(before + secret.encode()) * 8 // 6)
    assert "***" in masked
    assert written[start:end] not in masked
    assert "***" in Redactor([secret])(quote(written, safe=""))


@pytest.mark.parametrize("secret", ODD)
def test_truncated_api_secret_is_masked(secret: str) -> None:
    """All but the last character of the API secret is masked too."""
    redact = Credentials("k3y-of-mine", secret, "sign!ture").redactor()
    assert redact(f"<{secret}> <{secret[:-1]}>") == "<***> <***>"


@pytest.mark.parametrize(
    "text",
    [
        "api_key={{api_key}}&api_secret={{api_secret.cut}}&number=1&sig={{sig}}",
        '{"api_key": "{{api_key}}", "api_secret": "{{api_secret}}"}',
        r'"{\"api_key\": \"{{api_key}}\"}"',
        'api_key=$NI_API_KEY&api_secret=$(u "${NI_API_SECRET%?}")&sig=$S',
    ],
)
def test_placeholders_and_variables_stay(text: str) -> None:
    """Placeholders of vectors and variables of curl lines stay."""
    assert ACCOUNT.redactor()(text) == text


@pytest.mark.parametrize("text", ["api_key={{api_key}}k3y", '"api_key": "{{api_key}}k3y"', "sig={{s3cr3t}}"])
def test_longer_placeholder_is_masked(text: str) -> None:
    """A value that only begins like a placeholder is masked."""
    masked = redact_text(text)
    assert "k3y" not in masked
    assert "s3cr3t" not in masked


@pytest.mark.parametrize("unit", ["\\", "%5c", "%25", "%", "&amp;", "&", "'\"", "s3cr3t", "a", "+", "s\\", "\\\\s"])
def test_masking_time_grows_linearly(unit: str) -> None:
    """Ten times the text takes some ten times the CPU time; a hundred times, if it were quadratic.

    The least of three runs, for what else a machine does makes some of them longer, also in CPU time.
    """
    redact = Redactor(["s3cr3t-%&+'\\x", "\\\\start", "%%%%%%%%5c", "&&&&amp;&", "aaaaaaaaab", "\"'"])

    def cpu_seconds(characters: int) -> float:
        text, taken = unit * (characters // len(unit)), []
        for _ in range(3):
            started = time.thread_time()
            redact(text)
            taken.append(time.thread_time() - started)
        return min(taken)

    assert cpu_seconds(40_000) < 40 * max(cpu_seconds(4_000), 0.001)


def test_short_secret_is_masked_by_name() -> None:
    """A secret too short to differ from a word is masked by name only."""
    redact = Redactor(["a"])
    assert redact("a banana with api_secret=a") == "a banana with api_secret=***"


def test_no_repr_shows_a_credential() -> None:
    request = Request(
        "POST",
        "https://h/json?api_secret=s3cr3t",
        (("Authorization", "Basic s3cr3t"),),
        b"api_secret=s3cr3t&sig=s3cr3t",
    )
    answer = Answer(200, (("Set-Cookie", "s3cr3t"),), b'{"api_secret": "s3cr3t"}')
    everything = repr((Exchange(request, answer), ACCOUNT, ACCOUNT.redactor(), Failure("tls", "no")))
    assert "s3cr3t" not in everything
    assert "k3y-of-mine" not in everything


def test_undecodable_bytes_are_escaped() -> None:
    assert redact_body(b"\xff api_key=x") == "\\xff api_key=***"


def test_header_lookup_ignores_case() -> None:
    """A header is found in any case."""
    assert header((("Content-TYPE", "a"), ("content-type", "b")), "content-type") == "a"
    assert header((), "content-type") is None


@pytest.mark.parametrize("url", ["http://u:S3cr et@127.0.0.1:1/", "http:/u:S3cr/et@127.0.0.1", "u:S3cr/et@127.0.0.1"])
def test_lookup_masks_passwords_of_malformed_urls(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A refused base URL is named without its user information."""
    assert main(["lookup", "447700900000", "--base-url", url]) == 2
    shown = capsys.readouterr()
    assert "S3cr" not in shown.out + shown.err


def test_masks_leave_other_lines() -> None:
    """A body in parts, shown as one line, does not make a secret of what follows it in a report."""
    shown = redact_text(
        '--b name="api_secret" s3cr3t-77 --b-- [content-type: x/y]\n  at        path\n\nuntested: NIB-CLI-001'
    )
    assert shown.endswith("\n  at        path\n\nuntested: NIB-CLI-001")
    part = 'name="api_secret"\r\nContent-Type: text/plain;\r\n charset=utf-8\r\n\r\ns3cr3t of mine\r\n--b--'
    assert "s3cr3t" not in redact_text(part)


def test_header_in_brackets_stays_whole() -> None:
    headers = (("X-Api-Secret", "s3cr3t-77"), ("X-Debug", "http://h/ni/basic/json?number=1&api_secret=s3cr3t-77"))
    shown = request_text(Request("GET", "http://h/ni/basic/json?number=12", headers))
    assert redact_url(shown).endswith("[X-Api-Secret: ***] [X-Debug: http://h/ni/basic/json?number=1&api_secret=***]")
