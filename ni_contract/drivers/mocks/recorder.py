"""Records the exchanges of HTTP libraries while a test runs, and removes its patches afterwards."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import BuiltinImporter, ModuleSpec
from importlib.util import find_spec
from operator import attrgetter
from types import ModuleType
from typing import Any

from ni_contract.drivers.mocks.convert import NO_ANSWER, NotAnExchange, exchange_of, of_urllib3, request_of, unpacked
from ni_contract.drivers.mocks.hooks import HOOKS
from ni_contract.drivers.mocks.streams import BodyCopy, copy_of
from ni_contract.exchanges.values import Answer, Exchange, Request


@dataclass(frozen=True, slots=True)
class CapturedCall:
    """One exchange as it was recorded. Its body is read later, because the test may not have read it yet; *copy* is
    the part that the test has read so far.
    """

    library: str
    request: Any
    response: Any
    sent_at: float
    copy: BodyCopy = field(default_factory=BodyCopy)

    def exchange(self, number: int) -> Exchange:
        """The exchange with the *number*th origin. Raises NotAnExchange."""
        request = self.request if isinstance(self.request, Request) else request_of(self.request)
        if self.response is None:
            found = Exchange(request, NO_ANSWER)
        elif self.library in ("urllib", "urllib3"):
            found = of_urllib3(self.response, request)
        else:
            found = replace(exchange_of(self.response), request=request)
        if isinstance(found.answer, Answer) and not found.answer.body_recorded and self.copy.body is not None:
            found = replace(found, answer=replace(found.answer, body=self.copy.body, body_recorded=True))
        return replace(unpacked(found), origin=f"{self.library}, call {number}", sent_at=self.sent_at)


class Recorder:
    """A context manager: while it is open, every exchange through a known library is added to `seen`."""

    def __init__(self) -> None:
        self.seen: list[CapturedCall] = []
        self._patched: list[tuple[Any, str, Any, Any]] = []
        self._finder = _Late(self)
        self._is_on = False

    def __enter__(self) -> Recorder:
        self._is_on = True
        for name in HOOKS:
            if name in sys.modules:
                self.patch(sys.modules[name])
        # Also patch libraries that the test imports later.
        sys.meta_path.insert(_place_for_finder(), self._finder)
        return self

    def __exit__(self, *_: object) -> None:
        self._is_on = False
        if self._finder in sys.meta_path:
            sys.meta_path.remove(self._finder)
        for owner, name, original, ours in reversed(self._patched):
            # Another tool that wrapped it after us restores our wrapper, which then only passes calls on.
            if owner.__dict__.get(name) is ours:
                setattr(owner, name, original)
        self._patched.clear()

    def patch(self, module: ModuleType) -> None:
        """Wraps the functions of *module* that requests pass."""
        for path, name, hook in HOOKS[module.__name__]:
            try:
                owner = attrgetter(path)(module)
            except AttributeError:
                # The module is only partly imported, or another version.
                continue
            original = owner.__dict__.get(name)
            if original is not None:
                ours = hook(original, self._note)
                setattr(owner, name, ours)
                self._patched.append((owner, name, original, ours))

    def _note(self, library: str, request: Any, response: Any, sent_at: float) -> None:
        if self._is_on:
            copy = BodyCopy() if response is None else copy_of(library, response)
            self.seen.append(CapturedCall(library, request, response, sent_at, copy))

    def exchanges(self) -> list[Exchange]:
        """All recorded exchanges in order, each once: one of requests also passes urllib3."""
        below = {id(getattr(one.response, "raw", None)) for one in self.seen if one.library == "requests"}
        first = {id(one.response): one for one in reversed(self.seen) if one.response is not None}
        wanted = [
            one
            for one in self.seen
            if one.response is None or (first[id(one.response)] is one and id(one.response) not in below)
        ]
        return [exchange for number, one in enumerate(wanted, 1) for exchange in _convert(one, number)]

    def of_request(self, request: Any) -> Exchange | None:
        """The exchange of this very request object, or of one that it wraps."""
        for number, one in enumerate(self.seen, 1):
            if _inner(one.request) is _inner(request):
                return next(iter(_convert(one, number)), None)
        return None

    def of_response(self, response: Any) -> Exchange | None:
        """The exchange of this very response object."""
        for number, one in enumerate(self.seen, 1):
            if one.response is response:
                return next(iter(_convert(one, number)), None)
        return None


def _inner(request: Any) -> Any:
    """The object in a proxy of requests_mock, which makes a new proxy for each access."""
    return getattr(request, "_request", request)


def _convert(seen: CapturedCall, number: int) -> list[Exchange]:
    try:
        return [seen.exchange(number)]
    except NotAnExchange:
        return []


def _place_for_finder() -> int:
    """The index before Python's own finders, and not the first: pyfakefs removes the first finder."""
    return next((i for i, one in enumerate(sys.meta_path) if one is BuiltinImporter), 0)


class _Late(MetaPathFinder):
    """An import hook that patches a library when a test imports it for the first time."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder, self._inside = recorder, False

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of the other finders, with a loader that also patches."""
        if fullname not in HOOKS or self._inside:
            return None
        self._inside = True
        try:
            spec = find_spec(fullname)
        finally:
            self._inside = False
        if spec is not None and spec.loader is not None:
            spec.loader = _Patching(spec.loader, self._recorder)
        return spec


class _Patching(Loader):
    def __init__(self, loader: Loader, recorder: Recorder) -> None:
        self._loader, self._recorder = loader, recorder

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """The module of the original loader."""
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Executes it and patches it."""
        self._loader.exec_module(module)
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        if self._recorder._is_on:
            self._recorder.patch(module)
