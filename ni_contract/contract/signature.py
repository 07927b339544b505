"""Request signatures: the text that is signed, and the five methods that hash it."""

import hashlib
import hmac
from collections.abc import Iterable
from typing import Literal, get_args

Method = Literal["md5hash", "hmac-md5", "hmac-sha1", "hmac-sha256", "hmac-sha512"]
METHODS: tuple[Method, ...] = get_args(Method)
WINDOW_SECONDS = 300

UNSIGNED = frozenset({"sig", "api_secret"})
_REPLACED = str.maketrans("&=", "__")


def signed_text(params: Iterable[tuple[str, str]]) -> str:
    """The text to hash: all parameters but `sig` and `api_secret`, by name, as `&name=value…`, unencoded."""
    return joined(sorted((name, value) for name, value in params if name not in UNSIGNED))


def joined(pairs: Iterable[tuple[str, str]]) -> str:
    """*pairs* in their order as `&name=value…`, `&` and `=` in a value replaced by `_`."""
    return "".join(f"&{name}={value.translate(_REPLACED)}" for name, value in pairs)


def sign(params: Iterable[tuple[str, str]], secret: str, method: str) -> str:
    """The signature of *params* (lower-case hex). Raises ValueError for a method not in `METHODS`."""
    if method not in METHODS:
        raise ValueError(f"no signature method is called {method!r}; choose one of {', '.join(METHODS)}")
    return sign_text(signed_text(params), secret, method)


def sign_text(signed: str, secret: str, method: str) -> str:
    """The signature of the text *signed* (lower-case hex)."""
    return sign_bytes(signed.encode(), secret, method)


def sign_bytes(signed: bytes, secret: str, method: str) -> str:
    """The signature of an encoded text (lower-case hex)."""
    key = secret.encode()
    if method == "md5hash":
        return hashlib.md5(signed + key, usedforsecurity=False).hexdigest()
    return hmac.new(key, signed, method.removeprefix("hmac-")).hexdigest()


def matching_method(params: Iterable[tuple[str, str]], secret: str, sig: str) -> str | None:
    """The method by which *sig* (hex in any case) is the signature of *params*, or None."""
    pairs, given = list(params), sig.lower().encode()
    for method in METHODS:
        if hmac.compare_digest(sign(pairs, secret, method).encode(), given):
            return method
    return None
