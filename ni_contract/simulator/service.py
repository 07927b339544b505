"""The ASGI app: routes a request to the API, to the admin endpoint, or to a refusal. Sections: Base URL, Response."""

import asyncio
from collections.abc import Container
from typing import Any

from ni_contract.contract.vocabulary import API_PATH
from ni_contract.simulator import transfer
from ni_contract.simulator.admin import administer, refuse_foreign
from ni_contract.simulator.answering import Answerer
from ni_contract.simulator.asgi import HttpError, HungUp, Receive, Reply, Scope, Send, raw_header
from ni_contract.simulator.decode import METHODS, Call
from ni_contract.simulator.faults import redirection, spoil
from ni_contract.simulator.recording import Recording
from ni_contract.simulator.render import CONTENT_TYPES
from ni_contract.simulator.script import Script, Step
from ni_contract.simulator.settings import Settings

_FORMATS = {f"{API_PATH}/json": "json", f"{API_PATH}/xml": "xml"}
_NOT_FOUND = f"There is nothing here: ask {API_PATH}/json or {API_PATH}/xml."


def create_app(settings: Settings | None = None, **values: Any) -> "Simulator":
    """A simulator with *settings*, or with the *values* of `Settings`' fields. Raises UsageError for bad ones."""
    if settings is not None and values:
        raise TypeError("give either settings or keyword arguments")
    return Simulator(settings or Settings(**values))


class Simulator:
    """An ASGI app that is the Number Insight Basic API. `script` holds the answers to the next requests."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings: Settings = settings or Settings()
        self.script: Script = Script(self.settings.script)
        self._answers = Answerer(self.settings)
        self._replays_all = self.settings.replay is not None and self.settings.replay_only
        self._script_path = f"{self.settings.admin_path}/script" if self.settings.admin_path else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or a server's lifespan."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] != "http":
            await send({"type": "websocket.close"})
        elif self.settings.record is None or scope["path"] == self._script_path:
            await self._respond(scope, receive, send)
        else:
            recording = Recording(scope, receive, send, self.settings.record, self.settings.clock())
            try:
                await self._respond(recording.scope(), recording.receive, recording.send)
            finally:
                recording.finish()

    async def _respond(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            reply = await self._answer(scope, receive, send)
        except HttpError as refusal:
            reply = refusal.reply()
        except HungUp:
            return
        if reply is not None:
            await transfer.send_reply(reply, send, scope["method"] == "HEAD")

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> Reply | None:
        """The reply that is to be sent; None after a step that has dealt with the connection itself."""
        if scope["path"] == self._script_path:
            refuse_foreign(raw_header(scope, b"origin"), raw_header(scope, b"host"))
            return administer(self.script, scope["method"], await transfer.read_body(scope, receive))
        path_format = _FORMATS.get(scope["path"])
        if path_format is None:
            raise HttpError(404, _NOT_FOUND)
        call = await _call(path_format, scope, receive, None if self._replays_all else METHODS)
        step = self.script.next()
        if step is None:
            return self._answers.reply(call, scope)
        return await self._play(step, call, scope, receive, send)

    async def _play(self, step: Step, call: Call, scope: Scope, receive: Receive, send: Send) -> Reply | None:
        """Executes *step*; the reply, where only that is to be sent. Raises HttpError, as the normal answer would."""
        if step.delay:
            await asyncio.sleep(step.delay)
        if step.fault == "reset":
            await transfer.reset(scope, receive)
            return None
        reply = spoil(self._reply(step, call, scope), step)
        if step.fault in ("silence", "stall"):
            version = self.script.version
            is_begun = step.fault == "stall"
            await transfer.keep_waiting(reply, is_begun, scope, receive, send, lambda: self.script.version != version)
        elif step.fault in ("cut-off", "cut-off-chunks"):
            await transfer.cut_off(reply, scope, receive, send, is_chunked=step.fault == "cut-off-chunks")
        elif step.fault in ("pieces", "segments") and call.method != "HEAD":
            await transfer.send_in_pieces(reply, send, is_chunked=step.fault == "pieces")
        elif step.fault == "gzip":
            return transfer.packed(reply, scope)
        elif step.fault == "capitals":
            transfer.capitalise_head(scope)
            return reply
        elif step.fault == "close":
            return reply._replace(headers=(*reply.headers, (b"connection", b"close")))
        else:
            return reply
        return None

    def _reply(self, step: Step, call: Call, scope: Scope) -> Reply:
        if step.fault == "gateway" or (step.http_status is not None and step.fault is None):
            return Reply(200, (), b"")
        if step.fault == "redirect":
            host = (raw_header(scope, b"host") or b"").decode("latin-1")
            return redirection(scope.get("scheme", "http"), host, scope["path"])
        if step.body is not None:
            return Reply(200, ((b"content-type", CONTENT_TYPES[call.format]),), step.body.encode())
        if step.status is not None:
            return self._answers.scripted(step, call)
        return self._answers.reply(call, scope)


async def _call(path_format: str, scope: Scope, receive: Receive, methods: Container[str] | None) -> Call:
    method = scope["method"]
    if methods is not None and method not in methods:
        raise HttpError(405, "Use GET or POST.", ((b"allow", b"GET, HEAD, POST"),))
    body = b""
    if method == "POST":
        body = await transfer.read_body(scope, receive)
    elif raw_header(scope, b"content-length"):
        # Only read, for the recording: parameters in it do not count.
        await transfer.read_body(scope, receive)
    return Call(method, path_format, scope["query_string"], scope["headers"], body)


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
