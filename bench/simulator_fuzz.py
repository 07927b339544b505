"""Random requests over sockets at a simulator of its own, on 127.0.0.1: no 5xx, no hang, no growth of memory.

    python bench/simulator_fuzz.py [--requests 100000] [--seed 1]
    python bench/simulator_fuzz.py --minutes 10      good requests at full rate instead: the memory must stay flat

Ends by itself; exit code 1 if anything was found. Linux only.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import tempfile
import time
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable
from itertools import cycle, islice
from urllib.parse import quote

from load import CREDENTIALS, get, load, new_numbers, post
from processes import Server, ni_contract

WORKERS = 8
PATIENCE_SECONDS = 10
LOAD = 60_000
MAX_GROWTH = 1.1
STATUSES = {0, 3, 4, 5}
JSON_TYPES = ("application/json", "text/json", "application/x-javascript; charset=UTF-8", "text/x-json;charset=utf-8")
OTHER_TYPES = (
    *("application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=utf-16"),
    *("multipart/form-data; boundary=x", "text/plain", "\xff\xfe", ";;;=", ""),
)
NAMES = ("number", "country", "cnam", "api_key", "api_secret", "sig", "timestamp", "page_index", "", "\0", "é")
NUMBERS = ("441632960960", "+44 (0)1632 960960", "14155550100", "01632 960960", "12", "80012345678", "+1-800-FLOWERS")
TEXTS = ("441632960960", "+44 (0)1632 960960", "GB", "US", "gb", "true", "", "\0", "٤٤", "1-800-FLOWERS", "n3xm0rocks")


class Draw:
    """Random requests: each method returns the bytes of one."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.kinds = (self.plain, self.form, self.json, self.headers, self.garbage, self.mutated, self.bomb)

    def request(self) -> bytes:
        return self.rng.choice(self.kinds)()

    def text(self) -> str:
        rng = self.rng
        if rng.random() < 0.5:
            return rng.choice(TEXTS)
        if rng.random() < 0.5:
            return "".join(rng.choices("0123456789+-() ", k=rng.randrange(20)))
        return "".join(chr(rng.randrange(0xD800)) for _ in range(rng.randrange(30)))

    def pairs(self) -> list[tuple[str, str]]:
        return [(self.rng.choice(NAMES), self.text()) for _ in range(self.rng.randrange(8))]

    def encoded(self) -> str:
        text = "&".join(f"{quote(n)}={quote(v)}" for n, v in self.pairs())
        if self.rng.random() < 0.5:
            text = f"number={quote(self.rng.choice(NUMBERS))}&{CREDENTIALS}&country={self.rng.choice(('', 'GB', 'US'))}"
        if self.rng.random() < 0.2:
            text += self.rng.choice(("&number=%ff", "&%", "%zz=%", "&&&", "&=", "=&a"))
        return text + f"&{CREDENTIALS}" * (self.rng.random() < 0.7)

    def path(self) -> str:
        return self.rng.choice(["json", "xml"] * 8 + ["", "../json", "js%6fn", "%00", "json/"])

    def head(self, method: str, target: str, *lines: str) -> bytes:
        return "\r\n".join((f"{method} {target} HTTP/1.1", "host: 127.0.0.1", *lines, "", "")).encode(
            "latin-1", "replace"
        )

    def plain(self) -> bytes:
        method = self.rng.choice(("GET", "GET", "HEAD", "PUT", "OPTIONS", "TRACE"))
        return self.head(method, f"/ni/basic/{self.path()}?{self.encoded()}")

    def post(self, content_type: str | None, body: bytes) -> bytes:
        lines = [f"content-length: {len(body)}"] + ([] if content_type is None else [f"content-type: {content_type}"])
        return self.head("POST", f"/ni/basic/{self.path()}", *lines) + body

    def form(self) -> bytes:
        body = self.encoded().encode()
        if self.rng.random() < 0.2:
            body += self.rng.randbytes(self.rng.randrange(50))
        return self.post(self.rng.choice((OTHER_TYPES[0], None, *OTHER_TYPES)), body)

    def value(self, depth: int = 0) -> object:
        choice = self.rng.randrange(9 if depth < 3 else 7)
        if choice > 6:
            inner = [self.value(depth + 1) for _ in range(self.rng.randrange(3))]
            return inner if choice == 7 else {self.text(): item for item in inner}
        return (self.text(), self.text(), 441632960960, True, None, 1.5e300, float("nan"))[choice]

    def json(self) -> bytes:
        members = {self.rng.choice(NAMES): self.value() for _ in range(self.rng.randrange(6))}
        members |= {"number": self.rng.choice(NUMBERS)} if self.rng.random() < 0.7 else {}
        members |= {"api_key": "n3xm0rocks", "api_secret": "12ab34cd"} if self.rng.random() < 0.7 else {}
        body = json.dumps(members, ensure_ascii=self.rng.random() < 0.5).encode()
        if self.rng.random() < 0.1:
            body = self.rng.choice(
                (body[:-1], body + b"x", b"[" + body + b"]", body.decode().encode("utf-16"), b'"\\ud800"')
            )
        return self.post(self.rng.choice(JSON_TYPES), body)

    def headers(self) -> bytes:
        lines = [
            self.rng.choice(("authorization", "content-type", "accept", "x", "expect", "cookie", "content-encoding"))
            + ": "
            + self.rng.choice(
                ("Basic bjN4bTByb2NrczoxMmFiMzRjZA==", "Basic \xff", "Bearer x", "100-continue", "gzip", "")
            )
            for _ in range(self.rng.randrange(6))
        ]
        return self.head(
            self.rng.choice(("GET", "POST")), f"/ni/basic/{self.path()}?number={quote(self.text())}", *lines
        )

    def garbage(self) -> bytes:
        return self.rng.randbytes(self.rng.randrange(1, 300)) + b"\r\n\r\n"

    def mutated(self) -> bytes:
        data = bytearray(self.rng.choice((self.plain, self.form, self.json))())
        for _ in range(self.rng.randrange(1, 6)):
            at = self.rng.randrange(len(data) + 1)
            data[at : at + self.rng.randrange(4)] = self.rng.randbytes(self.rng.randrange(4))
        return bytes(data)

    def bomb(self) -> bytes:
        return self.rng.choice(BOMBS)(self)


def _chunked(draw: Draw) -> bytes:
    body = draw.encoded().encode()
    head = draw.head("POST", "/ni/basic/json", "transfer-encoding: chunked", f"content-type: {OTHER_TYPES[0]}")
    return head + b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if body else head + b"0\r\n\r\n"


BOMBS: tuple[Callable[[Draw], bytes], ...] = (
    lambda d: d.post("application/json", b"[" * 60_000),
    lambda d: d.post("application/json", b'{"a":' * 12_000 + b"1" + b"}" * 12_000),
    lambda d: d.post("application/json", b'{"number":' + b"9" * 60_000 + b"}"),
    lambda d: d.post("application/json", b'{"number":"1","number":"2"}'),
    lambda d: d.post(None, b"number=" + b"4" * 65_000 + b"&" + CREDENTIALS.encode()),
    lambda d: d.post(None, b"a=b&" * 16_000),
    lambda d: d.post(None, b"x" * 200_000),
    lambda d: d.head("GET", f"/ni/basic/json?number={'1' * 15_000}&{CREDENTIALS}"),
    lambda d: d.head("GET", "/" + "x" * 100_000),
    lambda d: d.head("GET", "/ni/basic/json", f"x: {'y' * 100_000}"),
    lambda d: d.head("GET", "/ni/basic/json", *(f"x{i}: y" for i in range(5_000))),
    lambda d: d.head("GET", f"/ni/basic/json?{d.encoded()}", "connection: upgrade", "upgrade: h2c"),
    lambda d: d.head("CONNECT", "127.0.0.1:80"),
    lambda d: d.head("OPTIONS", "*"),
    lambda d: d.plain() * 50,
    lambda d: d.post(None, b"number=1")[:-3],
    lambda d: d.head("POST", "/ni/basic/json", "content-length: 99999999999999999999"),
    lambda d: d.head("POST", "/ni/basic/json", "content-length: 5", "transfer-encoding: chunked") + b"0\r\n\r\n",
    lambda d: b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + d.rng.randbytes(200),
    _chunked,
)


async def ask(port: int, request: bytes) -> bytes:
    """Sends *request*, then nothing more, and reads until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        await writer.drain()
        return await _answer(reader, writer, request)
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> bytes:
    """The immediate answer; for an incomplete request without one, the answer after its end."""
    try:
        return await asyncio.wait_for(_one(reader, request.startswith(b"HEAD")), 0.25)
    except TimeoutError:
        writer.write_eof()
        return await asyncio.wait_for(reader.read(), PATIENCE_SECONDS)


async def _one(reader: asyncio.StreamReader, head_only: bool) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    if head.startswith(b"HTTP/1.1 100"):
        head = await reader.readuntil(b"\r\n\r\n")
    length = 0 if head_only else int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
    return head + await reader.readexactly(length)


def verdict(answer: bytes, request: bytes) -> str:
    """The class of the *answer*: closed, an HTTP status, or a documented status; "WRONG …" for a forbidden one."""
    if not answer:
        return "closed"
    head, _, body = answer.partition(b"\r\n\r\n")
    status = head.split(b" ")[1].decode()
    if status.startswith("5") or not head.startswith(b"HTTP/1."):
        return f"WRONG {head[:60]!r} after {request[:300]!r}"
    if status != "200" or not body:
        return f"HTTP {status}"
    try:
        code = json.loads(body)["status"] if b"application/json" in head else _xml_status(body)
    except (ValueError, KeyError, ET.ParseError, TypeError) as error:
        return f"WRONG {error!r} in {body[:200]!r}"
    return f"status {code}" if code in STATUSES else f"WRONG status {code}"


def _xml_status(body: bytes) -> int:
    return int(ET.fromstring(body)[-1].attrib["code"])  # noqa: S314 - it is our own


async def _judged(port: int, request: bytes) -> str:
    try:
        return verdict(await ask(port, request), request)
    except TimeoutError:
        return f"WRONG hang after {request[:300]!r}"
    except asyncio.IncompleteReadError as error:
        return "closed" if not error.partial else f"WRONG cut off after {request[:300]!r}"


async def work(port: int, draw: Draw, amount: int) -> Counter[str]:
    found: Counter[str] = Counter()
    for _ in range(amount):
        found[await _judged(port, draw.request())] += 1
    return found


async def fuzz(port: int, amount: int, seed: int) -> Counter[str]:
    """The answers to *amount* random requests."""
    each = amount // WORKERS
    results = await asyncio.gather(*(work(port, Draw(seed * 1_000 + i), each) for i in range(WORKERS)))
    return sum(results, Counter())


def main() -> None:
    args = _arguments()
    with (
        tempfile.TemporaryFile() as said,
        Server("simulator", ni_contract("serve", loop=args.loop), stderr=said) as server,
    ):
        print(f"start: RSS {server.rss_mb():.1f} MB", flush=True)
        wrong = endure(server, args.minutes) if args.minutes else batter(server, args.requests, args.seed)
        said.seek(0)
        noise = said.read().decode(errors="replace")
    if noise:
        wrong.append(f"WRONG {noise.count(chr(10))} lines on standard error, first of all: {noise[:2_000]}")
    print("\n".join(wrong) or "nothing wrong, and nothing on the server's standard error")
    raise SystemExit(bool(wrong))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=100_000, help="random requests (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=0, help="that long at full rate instead")
    parser.add_argument("--loop", choices=("uvloop", "asyncio"), default="uvloop", help="uvloop: if installed")
    return parser.parse_args()


def batter(server: Server, amount: int, seed: int) -> list[str]:
    """Sends *amount* random requests, prints the answers, and returns the forbidden ones."""
    total: Counter[str] = Counter()
    settled = None
    for part in range(10):
        begun = time.perf_counter()
        total += asyncio.run(fuzz(server.port, amount // 10, seed + part))
        settled = settled or server.rss_mb()
        seconds = time.perf_counter() - begun
        print(f"{sum(total.values())} requests: RSS {server.rss_mb():.1f} MB, {seconds:.1f} s", flush=True)
    wrong = [name for name in total if name.startswith("WRONG")]
    print("\n".join(f"{count:8} {name}" for name, count in total.most_common() if name not in wrong))
    return wrong + growth(settled or 0, server.rss_mb())


def endure(server: Server, minutes: float) -> list[str]:
    """Full load, every other request with a new number; returns the faults."""
    few, fresh = cycle(list(islice(new_numbers(1), 1_000))), new_numbers(3)
    end, settled, sent = time.perf_counter() + minutes * 60, None, 0
    while time.perf_counter() < end:
        # As many new numbers as no cache holds: after the first round all are full.
        answered = load(server.port, [r for _ in range(LOAD // 2) for r in (get(next(fresh)), post(next(few)))])
        settled, sent = settled or server.rss_mb(), sent + answered.answers
        print(f"{sent} requests: RSS {server.rss_mb():.1f} MB, {answered.answers / answered.seconds:.0f}/s", flush=True)
    return growth(settled or 0, server.rss_mb())


def growth(settled: float, now: float) -> list[str]:
    """The fault of a memory of *now* MB after one of *settled* MB, when the caches were full."""
    return [f"WRONG memory grew from {settled:.1f} to {now:.1f} MB"] if now > settled * MAX_GROWTH else []


if __name__ == "__main__":
    main()
