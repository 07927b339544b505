"""Masks credentials in all text that is printed, written or raised."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain

from ni_contract.exchanges.secret_index import SecretIndex, base64_forms

MASK = "***"
SECRET_NAMES = ("api_key", "api_secret", "signature_secret", "sig")
# Common spellings: X-Api-Secret, Nexmo-Secret, apiSecret, api.secret, NEXMO_API_KEY, clientSecret, X-Auth-Token.
_NAMES = (
    r"(?:(?:x|nexmo|vonage|ni)[-_. ]?){0,3}(?:api[-_. ]?key|sig)|(?:x|nexmo|vonage|ni)[-_. ]key"
    r"|[\w.-]{0,40}?(?:api[-_. ]+)?secret(?:[-_. ]?key)?|[\w.-]{0,40}?passw(?:or)?d|pwd"
    r"|(?:[\w.-]{0,40}?(?:auth|access|api)[-_. ]?)?token"
)
_INDEX = r"(?:\[\w*\]|(?i:%5b\w*%5d))*"
# Values that are not masked, because they are no secrets: placeholders of vectors, variables of a curl line, and the
# wrong values in vectors.
_PLACEHOLDER = r"\{\{[a-z_.]+(?:\.base64|\.md5|\.sha256)?\}\}"
_NAMED = r"\{?NI_(?:API_KEY|API_SECRET|SIGNATURE_SECRET)\b"
_VARIABLE = rf"(?:%22|[xy])?\$(?:S\b|{_NAMED}|\((?:[uj] \\*\" ?\$(?:{_NAMED}|\(printf\b)|printf\b))"
_WORD = r"null|undefined|None|%(?:25)?|\.(?:\*|%2A)|%27%20or%20%271%27%3D%271|p(?:\u00e4|\\+u00e4|%C3%A4)ss"
_INHERITED = "constructor|__proto__|toString"
_STAYS = rf"{_VARIABLE}|not-the-(?:key|secret)\b|(?:{_PLACEHOLDER}|{_WORD}|{_INHERITED})(?![^&#\s\"'<>\\])"
# A bracket behind a mask is that of the report, around a header that was masked before.
_FORM = re.compile(
    rf"(?i)(?:(?<![\w-])|(?<=%5b))((?:{_NAMES})(?:\]|%5d)?{_INDEX}=)(?!{_STAYS}|\*\*\*\](?:\s|$))([^&#\s\"'<>]+)"
)
# A boolean, null, a small number and an object are no secrets, and may be the fault of a request.
_JSON = re.compile(
    rf'(?i)("(?:\w{{1,40}}\[)?(?:{_NAMES})\]?{_INDEX}"\s*:\s*(?:\[\s*)?)'
    rf'(?!"(?:{_PLACEHOLDER}|not-the-(?:key|secret))"|\{{|(?-i:true|false|null|\d{{1,2}})[\s,}}\]])'
    r'("(?:[^"\\]|\\.)*"?|[^,}\[\]\s]+)'
)
# JSON inside a string of JSON.
_INNER_JSON = re.compile(rf'(?i)((?<!\\)\\++"(?:{_NAMES})\\++"\s*:\s*\\++")(?!{_STAYS})((?:(?!\\+").)+)')
_XML = re.compile(
    rf"(?i)(<(?:[\w.-]{{1,40}}:)?(?:{_NAMES})(?:\s[^<>]*)?>(?:\s*<!\[CDATA\[)?)(?!{_STAYS})([^<]+?)(?=<|\]\]>|$)"
)
# Only headers and their parameters may stand before the value: in a report, a body is one line, and others follow it.
_PART = re.compile(
    rf"""(?i)(\bname(?:=["']?|\*=[\w-]*'[\w-]*')(?:{_NAMES}){_INDEX}(?:["';\s])"""
    r"""[^\r\n]{0,1000}(?:\r?\n(?:[\w-]{1,80}[ \t]*:|[ \t]{1,80}[\w*-]{1,80}=)[^\r\n]{0,1000}){0,8}\r?\n\r?\n)"""
    r"""([^\r\n]+)"""
)
# A pair in JSON, XML or PHP's serialize: the name is one value, the secret the next.
_PAIR = re.compile(
    rf"""(?i)((?:["'>])(?:{_NAMES})(?:\\*"\s*,\s*\\*"value\\*"\s*:\s*\\*"|</[\w:]+>\s*<[\w:]+>|\\*";s:\d+:\\*"))"""
    r"""([^"<\\]+)"""
)
# The attribute of an element, a dict of Python, a hash of Ruby, an array of PHP, an argument of GraphQL.
_QUOTED = re.compile(
    rf"""(?i)(?<![\w-])((?:{_NAMES})["']?\s*(?:=>?|:)\s*[ub]?(["']))(?!{_STAYS})((?:(?!\2)[^\\\r\n]|\\.)+)(?=\2)"""
)
# Without quotes, as in YAML and INI: the secret has a digit or an inner capital, unlike a word of prose.
_BARE = re.compile(
    rf"""(?i)(?<![\w-])((?:{_NAMES})[ \t]*(?:=>|[:=])[ \t]*)(?!{_STAYS})"""
    r"""(?=[^\s"'<>,;&]*(?:\d|(?-i:[a-z][A-Z])))([^\s"'<>,;&\\]{8,})"""
)
_CURL_USER = re.compile(r"""((?<![\w-])(?:-u|--user)[ =]*["']?[\w.-]+:)(?!\$)([^\s"'<>\\]+)""")
# Other APIs of the vendor have key and secret in the path: /account/get-balance/KEY/SECRET.
_PATH = re.compile(r"(/(?:account|number)/[a-z-]+/[0-9A-Za-z]{8}/)([\w-]{8,})")
_JWT = re.compile(r"()(eyJ[\w-]{6,}\.eyJ[\w-]{2,}\.[\w-]{8,})")
_OTHERS = (_XML, _PART, _PAIR, _QUOTED, _BARE, _CURL_USER, _PATH, _JWT)
# A text in which a pattern above or `_SCHEME` matches has one of these; most texts have none, and are not searched.
_HINTS = ("key", "sig", "secret", "pass", "pwd", "token", "-u", "account/", "number/", "eyj", "auth", "basic", "bearer")
_COLUMNS = re.compile(
    rf"""(?im)^(?:["']?[\w .-]{{0,40}}["']?[,;\t|])*["']?(?:{_NAMES})["']?(?:[,;\t|]["']?[\w .-]{{0,40}}["']?)*\r?\n."""
)
_NAME = re.compile(rf"(?i)(?:\w{{1,40}}\[)?(?:{_NAMES})(?:\[\w*\]|\])*")
# A password may contain a slash; the text after the colon is then no port.
_USERINFO = re.compile(r"""(?<=//)(?:[^/@\s?#:\[\]]*:(?![0-9]{1,5}(?:[/?#\s"'<>]|$))[^\s"'<>]*|[^/@\s?#]+)@""")
# A token in an Authorization header; elsewhere only a long one, to exclude words after "HTTP Basic".
_SCHEME = re.compile(
    r"((?i:authorization[\"':, ]+(?:basic|bearer|digest) +))[\w+/=.~-]+"
    r"|\b((?:Basic|Bearer) )(?=[\w+/.~-]*[0-9A-Z=])[\w+/=.~-]{12,}"
)
_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie"})

# Common masks of tools and people: ours, `<REDACTED>`, `[FILTERED]`, `xxxx`.
_MASKED = re.compile(
    r"\*{3,}|x{4,}|[<\[({]{0,2}(?:redacted|filtered|masked|removed|hidden|scrubbed|sanitized)(?:[ _-]\w+)*[>\])}]{0,2}",
    re.IGNORECASE,
)

# Longer texts seldom repeat, and would take memory.
_MAX_KEPT_LETTERS = 1000
# Shorter secrets occur inside ordinary words: to mask them would make reports unreadable.
MIN_MASKED_LENGTH = 4


# Requests have the same few names.
@lru_cache(maxsize=256)
def is_secret_name(name: str) -> bool:
    """Whether *name* is that of a parameter, member or element that holds a credential, in any spelling."""
    return _NAME.fullmatch(name.strip()) is not None


def is_secret_header(name: str) -> bool:
    """Whether the whole value of the header *name* is a credential."""
    return name.strip().lower() in _SECRET_HEADERS or is_secret_name(name)


def has_secret_column(text: str) -> bool:
    """Whether *text* is a table, rows of lines, in which a column has the name of a credential."""
    return any(re.search(r"[,;\t|]", row) for row in _COLUMNS.findall(text))


def _can_match(text: str) -> bool:
    """Whether *text* may match a pattern; where it has none of `_HINTS`, it cannot."""
    # Regardless of case, other letters match those of ASCII: the Kelvin sign is a k.
    return not text.isascii() or any(map(text.lower().__contains__, _HINTS))


def named_values(text: str) -> Iterator[str]:
    """The values in *text* under the name of a credential, as written."""
    if not _can_match(text):
        return
    for pattern in (_FORM, _JSON, _INNER_JSON, *_OTHERS):
        for match in pattern.finditer(text):
            yield match[match.lastindex or 0].strip('"')


def redact_text(text: str) -> str:
    """*text* with the value of every credential parameter, member, element, part and Authorization scheme masked."""
    if not _can_match(text):
        return text
    if len(text) > _MAX_KEPT_LETTERS:
        return _masked_by_name(text)
    return _kept_masked(text)


def _masked_by_name(text: str) -> str:
    text = _FORM.sub(rf"\1{MASK}", text)
    text = _JSON.sub(rf'\1"{MASK}"', text)
    for pattern in (_INNER_JSON, *_OTHERS):
        text = pattern.sub(rf"\1{MASK}", text)
    return _SCHEME.sub(lambda match: f"{match[1] or match[2]}{MASK}", text)


# The texts of a run repeat: the titles of clauses, and URLs whose secrets are masked already.
_kept_masked = lru_cache(maxsize=1024)(_masked_by_name)


def redact_url(url: str) -> str:
    """*url* with user information and credential parameters masked."""
    return redact_text(_USERINFO.sub(f"{MASK}@", url))


def redact_target(url: str) -> str:
    """*url*, which may be malformed, with all possible user information masked."""
    return redact_text(re.sub(r"(?s)^(\w+:/*)?.*@", rf"\1{MASK}@", url))


def redact_headers(headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """*headers*: those that carry credentials masked whole, credentials inside others masked."""
    return tuple((n, MASK if is_secret_header(n) else redact_url(v)) for n, v in headers)


def redact_body(body: bytes) -> str:
    """*body* as text (undecodable bytes escaped) with credential parameters and members masked."""
    return redact_text(body.decode("utf-8", "backslashreplace"))


def is_mask(value: str) -> bool:
    return _MASKED.fullmatch(value.strip()) is not None


class Redactor:
    """Masks known secrets in any encoding, and others by the name of their field.

    A secret of fewer than 4 characters is masked by name only: it would be found inside ordinary words. Any number of
    secrets is known by an index, since the patterns of one take as long as to look for thousands.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = {secret for secret in secrets if len(secret) >= MIN_MASKED_LENGTH}
        # The pattern of a secret also finds one that lacks its last character.
        self._cut = {secret[:-1] for secret in known} & known
        self._ranks = {secret: rank for rank, secret in enumerate(sorted(known - self._cut, key=len, reverse=True))}
        self._index = SecretIndex(self._ranks)

    def __call__(self, text: str) -> str:
        """*text* without any of the secrets: as they are, escaped or encoded in any usual way, in any case."""
        # Last, because masking by name stops at a space or quote, which a secret may contain.
        return redact_url(self.known(text))

    def known(self, text: str) -> str:
        """*text* without the known secrets; values under the name of a credential stay."""
        for secret in sorted(self._index.candidates(text), key=self._ranks.__getitem__):
            for pattern in _patterns(secret, secret[:-1] in self._cut):
                text = pattern.sub(MASK, text)
        return text


# Made once for each account.
redactor_of = lru_cache(maxsize=32)(Redactor)


@lru_cache(maxsize=4096)
def _patterns(secret: str, or_cut: bool) -> tuple[re.Pattern[str], ...]:
    forms = base64_forms(_bytes(secret))
    in_base64 = (re.compile("".join(_EITHER_ALPHABET.get(c, c) for c in letters)) for letters in forms)
    return (_written(secret, or_cut), *in_base64, re.compile(_bytes(secret).hex(), re.IGNORECASE))


_LETTERS = {"\n": "n", "\r": "r", "\t": "t", "\b": "b", "\f": "f"}
# Patterns of characters that stand for themselves in more than one way; the quote's are a shell's '"'"' and '\\''.
_PLAIN = {"%": "%(?:25)*", "&": "&(?:amp;)*", "'": r"""'(?:\\*+["']){0,4}""", "+": "[+ ]"}
_ENTITIES = {"&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos"}


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _written(secret: str, or_cut: bool) -> re.Pattern[str]:
    """A pattern for *secret* (*or_cut*: also without its last character), with each character in any encoding.

    The pattern starts with a set of characters, for which `re` looks fast; lookbehinds then distinguish them.
    """
    characters = re.findall(r"\\+|[^\\]", secret, re.DOTALL)
    rest = [_character(character) for character in characters[1:]]
    if or_cut and rest:
        rest[-1] = f"(?:{rest[-1]})?"
    return re.compile(_first(characters[0]) + "".join(rest))


def _first(character: str) -> str:
    first = {c[0] for c in _cases(character)}
    plain = "".join(map(re.escape, sorted(first)))
    others = [rf"(?<={re.escape(c[0])}){re.escape(c[1:])}" for c in _cases(character)]
    # A match starts at the first of several backslashes only, or the search would take quadratic time.
    others += [rf"(?<=\\)(?<!\\\\)\\*+{_unescaped(character)}"]
    others += [f"(?<={form[0]}){form[1:]}" for form in _encodings(character)]
    if character == " ":
        others += [r"(?<=\+)"]
    if character in "%&'":
        others = [rf"(?<={character}){_plain(character)[1:]}", *others]
    if character[0] == "\\":
        return rf"[\\%&](?:{'|'.join(others[1:])}){_character(character, '{0,40}+')}"
    return rf"[{plain}\\%&{'+' if character == ' ' else ''}](?:{'|'.join(others)})"


def _character(character: str, repeated: str = "{1,40}+") -> str:
    """A pattern for one character of a secret, or for a run of backslashes, which every escaping lengthens."""
    encodings = "|".join(_encodings(character))
    if character[0] == "\\":
        return rf"(?:\\++{_unescaped(character)}|{encodings}){repeated}"
    space = r"|\+" if character == " " else ""
    return rf"(?:(?:\\*+|(?:(?i:%(?:25)*5c)){{1,15}})(?:{_unescaped(character)}|{encodings}{space}))"


def _unescaped(character: str) -> str:
    """The text after backslashes: the character, or its number; that of a backslash may be missing."""
    numbers = "|".join(chain.from_iterable(map(_numbers, _cases(character))))
    if character[0] == "\\":
        return f"(?:(?i:{numbers}))?"
    return f"(?:{_plain(character)}|(?i:{numbers}))"


def _plain(character: str) -> str:
    return _PLAIN.get(character) or "|".join(re.escape(c) for c in _cases(character))


def _cases(character: str) -> list[str]:
    character = character[0]
    return sorted({character, character.lower(), character.upper()})


def _numbers(text: str) -> list[str]:
    r"""*text* as in `\u0041`, `\U00000041`, `\x41`, and the `\xc3\xa9` of bytes, without the first backslash."""
    units = text.encode("utf-16-be", "surrogatepass")
    ways = [
        [f"u{units[i : i + 2].hex()}" for i in range(0, len(units), 2)],
        [f"u{{{ord(c):x}}}".replace("{", r"\{0*").replace("}", r"\}") for c in text],
        [f"U{ord(c):08x}" for c in text],
        [f"x{byte:02x}" for byte in _bytes(text)],
    ]
    if all(ord(c) < 0x100 for c in text):
        ways.append([f"x{ord(c):02x}" for c in text])
    ways += [[_LETTERS[c]] for c in text if c in _LETTERS]
    return [r"\\++".join(way) for way in ways]


def _encodings(character: str) -> list[str]:
    """Patterns for *character* percent-encoded and as a reference of HTML, once or more; each starts with % or &."""
    found = []
    for text in _cases(character):
        if text != "%":  # Already found in plain form: a second way to match it would double the work a character.
            found.append("".join(f"%(?i:(?:25)*{byte:02x})" for byte in _bytes(text)))
        named = "".join(f"|{_ENTITIES[c]}" for c in text if c in _ENTITIES and c != "&")
        found.append("".join(f"&(?i:(?:amp;)*(?:#0*{ord(c)}|#x0*{ord(c):x}{named});)" for c in text))
    return found


_EITHER_ALPHABET = {"+": "(?:[+-]|%(?i:(?:25)*2b))", "/": r"(?:\\*+/|_|%(?i:(?:25)*2f))"}
