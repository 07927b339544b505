"""Resolves a user's target to one that can be asked: a base URL, `module:app`, an application object, or a callable."""

import inspect
import re
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ni_contract.contract.vocabulary import API_PATH
from ni_contract.drivers.provider.http_target import AsgiTarget, UrlTarget, WsgiTarget
from ni_contract.drivers.provider.places import places_of
from ni_contract.drivers.provider.target import CallableTarget, Target
from ni_contract.errors import UsageError
from ni_contract.exchanges.credentials import Credentials
from ni_contract.exchanges.redaction import redact_target
from ni_contract.exchanges.url import split_url

VENDOR_DOMAIN = "nexmo.com"
_HOST_AND_PORT = re.compile(r"(\[[0-9a-fA-F:.]+\]|[\w.-]+):[0-9]+(/.*)?|localhost(/.*)?|[0-9]+(\.[0-9]+){3}(/.*)?")


def find_target(
    what: Any,
    timeout: float,
    ca_file: str | None = None,
    name: str | None = None,
    account: Credentials | None = None,
    path: str | None = None,
) -> Target:
    """The target that *what* names or is. Raises UsageError for an invalid one, or a URL of a public host.

    *path* is the path of the API; without it, the usual ones are tried.
    The file of a recording is a target too: replayed in this process, for requests with the credentials of *account*.
    """
    if isinstance(what, str):
        if "://" in what:
            return _url_target(what, timeout, ca_file, path)
        if Path(what).is_file():
            return _recording_target(what, timeout, account or Credentials())
        return _placed(application_target(load_object(what), what, timeout), path)
    return _placed(application_target(what, name or type(what).__name__, timeout), path)


def _placed(target: Target, path: str | None) -> Target:
    """*target* with the possible base URLs of the API."""
    root = target.base_url.removesuffix(API_PATH)
    target.places = places_of(root) if path is None else (root + _checked_path(path),)
    target.base_url = target.places[0]
    return target


def _url_target(url: str, timeout: float, ca_file: str | None, path: str | None) -> Target:
    target = UrlTarget(base_url_of(url), timeout, ca_file, reconnects=True)
    if path is None and _path_of(url).endswith(API_PATH):
        return target
    return _placed(target, path)


def _checked_path(path: str) -> str:
    if not re.fullmatch(r"/?[A-Za-z0-9._~/-]*", path):
        raise UsageError(f"--path {redact_target(path)!r} is no path; give for example /number/insight")
    if path.strip("/"):
        return "/" + _without_format(path.strip("/"))
    return ""


def _path_of(url: str) -> str:
    return _without_format(urlsplit(url).path.rstrip("/"))


def _without_format(path: str) -> str:
    return path.removesuffix("/json").removesuffix("/xml")


def _recording_target(file: str, timeout: float, account: Credentials) -> Target:
    from ni_contract.recordings.replay import load_replay
    from ni_contract.simulator import Settings, create_app

    return AsgiTarget(create_app(Settings(credentials=account, replay=load_replay(file))), file, timeout)


def base_url_of(url: str) -> str:
    """*url* ending in /ni/basic, with nothing behind it. Raises UsageError for an invalid or public URL."""
    base_url = any_base_url_of(url)
    require_private_host(urlsplit(base_url).hostname or "")
    return base_url


def any_base_url_of(url: str) -> str:
    """*url* ending in /ni/basic, of any host. Raises UsageError for an invalid URL."""
    shown = redact_target(url)
    parts = split_url(url)
    if parts is None:
        raise UsageError(f"{shown!r} is not a URL; give http://HOST:PORT or https://HOST:PORT, or module:app")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"{shown!r} is not a base URL; give http://HOST:PORT or https://HOST:PORT, or module:app")
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise UsageError(f"{shown!r} carries more than a base URL; give scheme, host, port and path only")
    path = _path_of(url)
    if not path.endswith(API_PATH):
        path += API_PATH
    return f"{parts.scheme}://{parts.netloc}{path}"


def require_private_host(host: str) -> None:
    """Raises UsageError when *host* is, or resolves to, an address outside this machine and private networks."""
    if is_public(host):
        raise UsageError(
            f"{host} is a public host: nothing is sent there. Name a fake in your network; for a paid or "
            "public host there are `ni-contract live --live`, which sends little (under pytest --ni-live), "
            "and `ni-contract proxy --live`"
        )


def is_public(host: str) -> bool:
    """Whether *host* is the vendor's, or is or resolves to an address outside this machine and private networks."""
    # The name is tested first, because resolving it would already send a packet.
    if f".{host.rstrip('.').lower()}".endswith(f".{VENDOR_DOMAIN}"):
        return True
    return any(address.is_global for address in _addresses(host))


def is_loopback(host: str) -> bool:
    """Whether *host* is, or resolves to, nothing but this machine."""
    addresses = _addresses(host)
    return bool(addresses) and all(address.is_loopback for address in addresses)


def _addresses(host: str) -> list[IPv4Address | IPv6Address]:
    try:
        return [ip_address(str(info[4][0]).partition("%")[0]) for info in socket.getaddrinfo(host, None)]
    except (OSError, ValueError):
        return []


@contextmanager
def folder_importable() -> Iterator[None]:
    """Puts the current folder first on `sys.path` meanwhile, so that an application there can also import lazily."""
    here = str(Path.cwd())
    is_added = here not in sys.path
    if is_added:
        sys.path.insert(0, here)
    try:
        yield
    finally:
        if is_added and here in sys.path:
            sys.path.remove(here)


def load_object(path: str) -> Any:
    """The object of `module:name`; the current folder is searched too. Raises UsageError where there is none."""
    if _HOST_AND_PORT.fullmatch(path):
        raise UsageError(f"{redact_target(path)!r} has no scheme; did you mean http://{redact_target(path)}?")
    module_name, colon, name = path.partition(":")
    if not colon or not module_name or not name:
        shown = redact_target(path)
        if not colon and (Path(path).suffix or "/" in path):
            raise UsageError(f"{shown}: there is no such file; give a URL, module:app or the file of a recording")
        raise UsageError(
            f"{shown!r} is neither a URL nor module:app; give for example http://127.0.0.1:8080 or fake:app"
        )
    with _usage_errors(f"module {module_name!r} cannot be imported:"), folder_importable():
        found: Any = import_module(module_name)
    for part in name.split("."):
        try:
            found = getattr(found, part)
        except Exception:  # noqa: BLE001  a module may have a __getattr__ of its own
            raise UsageError(f"module {module_name!r} has no {name!r}") from None
    return found


def application_target(app: Any, name: str, timeout: float) -> Target:
    """The target for an ASGI or WSGI application, a factory of one, or a callable from Request to Answer."""
    if not callable(app):
        raise UsageError(f"{name} is a {type(app).__name__}, not a URL, an ASGI or WSGI application, or a callable")
    count = _parameter_count(app)
    if count == 0:
        with _usage_errors(f"{name} makes no application: it raised"):
            made = app()
        return application_target(made, name, timeout)
    if count == 3 or (count == 2 and _is_async(app)):
        return AsgiTarget(app, name, timeout)
    if count == 2:
        return WsgiTarget(app, name, timeout)
    return CallableTarget(app, name, timeout)


@contextmanager
def _usage_errors(sentence: str) -> Iterator[None]:
    """Raises any error of the user's code as a UsageError that begins with *sentence*."""
    try:
        yield
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001  whatever it is, its name is what helps
        raise UsageError(f"{sentence} {type(error).__name__}: {error}") from None


def _parameter_count(app: Callable[..., Any]) -> int:
    """The number of positional arguments that *app* requires; an application that takes any number is WSGI or ASGI."""
    try:
        parameters = inspect.signature(app).parameters.values()
    except (TypeError, ValueError):
        return 2
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        if _is_async(app):
            return 3
        return 2
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(1 for p in parameters if p.kind in positional and p.default is p.empty)


def _is_async(app: Any) -> bool:
    return inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(type(app).__call__)
