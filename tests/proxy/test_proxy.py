"""`ni-contract proxy` between a client and a provider that records the bytes it gets."""

from __future__ import annotations

import gzip
import http.client
import json
import re
import signal
import socket
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from served_commands import ServedCommand

from ni_contract.cli import main
from ni_contract.simulator import RunningSimulator

RUN = "from ni_contract.cli import main; raise SystemExit(main())"
LOOKUP = "/ni/basic/json?api_key=n3xm0rocks&api_secret=12ab34cd&number=441632960960"
UUID = re.compile(rb"[0-9a-f]{8}-[0-9a-f-]{27}")


def proxy(target: str, *arguments: str) -> ServedCommand:
    return ServedCommand("proxy", target, *arguments)


def ask(host: str, target: str, method: str = "GET", body: bytes | None = None, **headers: str) -> tuple[Any, ...]:
    """Status, headers without Date, and body with each request id masked."""
    with closing(http.client.HTTPConnection(host, timeout=120)) as connection:
        connection.request(method, target, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        data = answer.read()
    kept = sorted((name.lower(), value) for name, value in answer.getheaders() if name.lower() != "date")
    return answer.status, kept, UUID.sub(b"ID", data)


class Noting(socketserver.ThreadingTCPServer):
    """Gives *answer* to every request, and records its bytes."""

    allow_reuse_address = daemon_threads = True

    def __init__(self, answer: bytes) -> None:
        super().__init__(("127.0.0.1", 0), _Note)
        self.answer, self.noted = answer, b""
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class _Note(socketserver.BaseRequestHandler):
    server: Noting

    def handle(self) -> None:
        data = b""
        while b"\r\n\r\n" not in data or not data.endswith(b"END"):
            chunk = self.request.recv(65_536)
            data += chunk
            if not chunk or (b"\r\n\r\n" in data and b"POST" not in data):
                break
        self.server.noted = data
        self.request.sendall(self.server.answer)


@contextmanager
def noting(answer: bytes) -> Iterator[Noting]:
    with Noting(answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def answer_of(body: bytes, *headers: str) -> bytes:
    head = ["HTTP/1.1 200 OK", "Content-Type: application/json", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*head, "Connection: close", "", ""]).encode() + body


def test_answers_are_the_providers_own() -> None:
    """Status, headers and body are the same with and without the proxy."""
    with RunningSimulator() as simulator, proxy(simulator.url) as between:
        host = simulator.url.split("/")[2]
        for target in (LOOKUP, LOOKUP.replace("json", "xml"), "/ni/basic/json?number=%zz(1)+%20", "/elsewhere", "/"):
            for method in ("GET", "HEAD", "PUT"):
                assert ask(between.host, target, method) == ask(host, target, method)
        form = {"Content_Type": "application/x-www-form-urlencoded"}
        posted = LOOKUP.partition("?")[2].encode()
        assert ask(between.host, "/ni/basic/json", "POST", posted, **form)[0] == 200
        between.end()
        assert between.code in (0, 1), between.out + between.err


def test_requests_arrive_as_sent() -> None:
    """Target, own headers and body are passed on byte for byte, behind the target's path."""
    with noting(answer_of(b"{}")) as server, proxy(server.url + "/mock") as between:
        ask(between.host, "/ni/basic/json?a=%7e(+)&b=%zz&", "POST", b"x\xff" * 300 + b"END", X_Own="1", Accept="a/b")
        head, _, body = server.noted.partition(b"\r\n\r\n")
        assert head.startswith(b"POST /mock/ni/basic/json?a=%7e(+)&b=%zz& HTTP/1.1\r\n")
        assert body == b"x\xff" * 300 + b"END"
        assert {b"x-own: 1", b"accept: a/b"} <= {line.lower() for line in head.split(b"\r\n")}
        assert head.lower().count(b"host:") == 1
        between.end()


def test_many_connections_differ_in_nothing() -> None:
    differences: list[object] = []

    def work(host: str, other: str) -> None:
        for _ in range(20):
            pair = ask(host, LOOKUP), ask(other, LOOKUP)
            differences.extend([pair] if pair[0] != pair[1] else [])

    with RunningSimulator() as simulator, proxy(simulator.url) as between:
        threads = [threading.Thread(target=work, args=(simulator.url.split("/")[2], between.host)) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        ended = between.end()
    assert differences == []
    assert ended.code == 0
    assert "320 requests" in ended.out


def test_a_lie_is_said_and_reported(tmp_path: Path) -> None:
    """The failure is printed at once, sets the exit code, and is in the report."""
    lie = b'{"status": "0"}'
    with noting(answer_of(lie)) as server, proxy(server.url, "--report", str(tmp_path / "r.json")) as between:
        assert ask(between.host, LOOKUP)[2] == lie
        ended = between.end()
    assert ended.code == 1
    assert "NIB-RES-005" in ended.err
    report = json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert report["command"] == "proxy"
    assert "12ab34cd" not in ended.out + ended.err + json.dumps(report)


def test_a_clients_fault_is_judged() -> None:
    with RunningSimulator() as simulator, proxy(simulator.url) as between:
        ask(between.host, "/ni/basic/json?api_key=n3xm0rocks&api_secret=12ab34cd&number=%2B44undefined")
        assert "client NIB-CLI-050" in between.end().err


def test_packed_answers_are_judged_unpacked() -> None:
    packed = gzip.compress(b'{"status": "0"}')
    with noting(answer_of(packed, "Content-Encoding: gzip")) as server, proxy(server.url) as between:
        assert ask(between.host, LOOKUP)[2] == packed
        assert "NIB-RES-005" in between.end().err


def test_recording_holds_no_secret(tmp_path: Path) -> None:
    """The recording can be judged again, and the secrets are masked in it."""
    file = tmp_path / "traffic.jsonl"
    with RunningSimulator() as simulator, proxy(simulator.url, "--record", str(file)) as between:
        ask(between.host, LOOKUP)
        assert between.end().code == 0
    text = file.read_text("utf-8")
    assert text.count("\n") == 1
    assert "12ab34cd" not in text
    assert main(["audit", str(file)]) == 0


def test_recording_masks_what_was_seen_before(tmp_path: Path) -> None:
    """A later answer repeats the secret of an earlier request."""
    file = tmp_path / "traffic.jsonl"
    echo = answer_of(b'{"status": 4, "echo": "12ab34cd"}')
    with noting(echo) as server, proxy(server.url, "--record", str(file)) as between:
        ask(between.host, LOOKUP)
        ask(between.host, "/ni/basic/json?number=441632960960")
        between.end()
    text = file.read_text("utf-8")
    assert text.count("\n") == 2
    assert "12ab34cd" not in text


def test_large_bodies_pass_whole() -> None:
    """A body beyond the bound is passed on, and reported as not judged."""
    large = b"[" + b"1," * 1_500_000 + b"1]"
    with noting(answer_of(large)) as server, proxy(server.url) as between:
        assert ask(between.host, LOOKUP)[2] == large
        ended = between.end()
    assert ended.code == 3
    assert "too large to be judged" in ended.out


def test_cut_answer_stays_cut() -> None:
    with noting(answer_of(b"{}" * 50)[:-20]) as server, proxy(server.url) as between:
        with pytest.raises(http.client.IncompleteRead):
            ask(between.host, LOOKUP)
        assert between.end().code == 1


def test_no_provider_is_a_gateway_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with proxy(f"http://127.0.0.1:{port}") as between:
        status, _, body = ask(between.host, LOOKUP)
        assert (status, b"no answer from the provider" in body) == (502, True)
        assert between.end().code in (1, 3)


def test_what_is_no_lookup_passes_unjudged() -> None:
    """A preflight and other paths are passed on and counted; with nothing else the run is an error."""
    with RunningSimulator() as simulator, proxy(simulator.url) as between:
        ask(between.host, LOOKUP, "OPTIONS", Origin="http://x", Access_Control_Request_Method="GET")
        ask(between.host, "/other")
        ended = between.end()
    assert ended.code == 3
    assert "2 exchanges passed unjudged: not about this API" in ended.out


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_signals_end_with_the_report(number: int, code: int) -> None:
    """In a process of its own, for a thread gets no signals."""
    with RunningSimulator() as simulator:
        command = [sys.executable, "-c", RUN, "proxy", simulator.url]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            ask(process.stdout.readline().split("/")[2], LOOKUP)
            process.send_signal(number)
            out, _ = process.communicate(timeout=120)
    assert (process.returncode, "documented" in out) == (code, True)


def test_usage_errors_come_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A public host, an existing recording, and one that is no JSONL are refused in one sentence."""
    there = tmp_path / "there.jsonl"
    there.write_text("{}\n", "utf-8")
    for arguments, words in (
        (("https://api.nexmo.com",), "public host"),
        (("http://127.0.0.1:1", "--record", str(there)), "is there already"),
        (("http://127.0.0.1:1", "--record", str(tmp_path / "x.har")), "ends in .jsonl"),
    ):
        code, message = main(["proxy", *arguments]), capsys.readouterr().err
        assert code == 2, message
        assert words in message
        assert "Traceback" not in message
    assert there.read_text("utf-8") == "{}\n"
