"""Records the exchanges of HTTP libraries while a test runs, and removes its patches afterwards."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import BuiltinImporter, ModuleSpec
from importlib.util import find_spec
from operator import attrgetter
from types import ModuleType
from typing import Any

from ni_contract.drivers.body_copy import BodyCopy
from ni_contract.drivers.mocks.convert import NO_ANSWER, NotAnExchange, answer_of, request_of, unpacked
from ni_contract.drivers.mocks.hooks import HOOKS
from ni_contract.drivers.mocks.streams import copy_of
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
    copy: BodyCopy | None

    def exchange(self, number: int) -> Exchange | None:
        """The exchange with the *number*th origin; None where the request is of no known library."""
        try:
            request = self.request if isinstance(self.request, Request) else request_of(self.request)
            answer = NO_ANSWER if self.response is None else answer_of(self.response)
        except NotAnExchange:
            return None
        if isinstance(answer, Answer) and not answer.body_recorded and self.copy and self.copy.body is not None:
            answer = replace(answer, body=self.copy.body, body_recorded=True)
        return unpacked(Exchange(request, answer, f"{self.library}, call {number}", self.sent_at))


class Recorder:
    """A context manager: while it is open, every exchange through a known library is added to `seen`."""

    def __init__(self) -> None:
        self.seen: list[CapturedCall] = []
        self._patched: list[tuple[Any, str, Any, Any]] = []
        self._finder = _Late(self)
        self._is_on = False

    def __enter__(self) -> "Recorder":
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
        """Wraps the functions of *module* that requests pass, while the recorder is open."""
        note = partial(self._note, module.__name__.partition(".")[0].removesuffix("_mock"))
        for path, name, hook in HOOKS[module.__name__] if self._is_on else ():
            try:
                owner = attrgetter(path)(module)
            except AttributeError:
                # The module is only partly imported, or another version.
                continue
            original = owner.__dict__.get(name)
            if original is not None:
                ours = hook(original, note)
                setattr(owner, name, ours)
                self._patched.append((owner, name, original, ours))

    def _note(self, library: str, request: Any, response: Any, sent_at: float) -> None:
        if self._is_on:
            copy = None if response is None else copy_of(library, response)
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
        return [found for number, one in enumerate(wanted, 1) if (found := one.exchange(number)) is not None]

    def exchange_of(self, item: Any) -> Exchange | None:
        """The exchange of this very response or request, or of the request that it wraps."""
        for number, one in enumerate(self.seen, 1):
            if one.response is item or _inner(one.request) is _inner(item):
                return one.exchange(number)
        return None


def _inner(request: Any) -> Any:
    """The object in a proxy of requests_mock, which makes a new proxy for each access."""
    return getattr(request, "_request", request)


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
        """The spec of the other finders, whose loader also patches the module."""
        if fullname not in HOOKS or self._inside:
            return None
        self._inside = True
        try:
            spec = find_spec(fullname)
        finally:
            self._inside = False
        if spec is not None and spec.loader is not None:
            self._patch_after(spec.loader)
        return spec

    def _patch_after(self, loader: Loader) -> None:
        execute = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            del loader.exec_module
            execute(module)
            self._recorder.patch(module)

        loader.exec_module = exec_module  # type: ignore[method-assign]
