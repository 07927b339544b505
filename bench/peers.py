"""Servers of others that give a number's answer: Prism, Mockoon, WireMock and nginx. What is missing is named."""

from __future__ import annotations

import json
import os
import shutil
import socket
from pathlib import Path

from constant_server import BODY

DOCUMENT = Path(__file__).resolve().parents[1] / "spec" / "openapi.yaml"
PRISM, MOCKOON, WIREMOCK, NGINX = "Prism", "Mockoon", "WireMock", "nginx"
_MAPPING = {
    "request": {"method": "ANY", "urlPathPattern": "/ni/basic/(json|xml)"},
    "response": {"status": 200, "headers": {"Content-Type": "application/json"}, "body": BODY.decode()},
}
_NGINX = """daemon off; worker_processes 1; error_log /dev/null; pid {folder}/pid;
events {{ worker_connections 256; }}
http {{
    access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fast; uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi; keepalive_requests 1000000000;
    server {{ listen 127.0.0.1:{port}; default_type application/json; return 200 '{body}'; }}
}}
"""


def commands(folder: Path) -> tuple[dict[str, list[str]], dict[str, str]]:
    """The command lines of the servers that are here, by name, and why the others are not. *folder* is for files."""
    found: dict[str, list[str]] = {}
    missing: dict[str, str] = {}
    for name, make in ((PRISM, _prism), (MOCKOON, _mockoon), (WIREMOCK, _wiremock), (NGINX, _nginx)):
        line = make(folder)
        if isinstance(line, str):
            missing[name] = line
        else:
            found[name] = line
    return found, missing


def _prism(_folder: Path) -> list[str] | str:
    program = _node_modules() / ".bin" / "prism"
    if not program.exists() or not shutil.which("node"):
        return "not installed: needs node and tools/install_node.py"
    return [str(program), "mock", "--host", "127.0.0.1", "--port", "0", "--verboseLevel", "silent", str(DOCUMENT)]


def _mockoon(_folder: Path) -> list[str] | str:
    program = _node_modules() / ".bin" / "mockoon-cli"
    if not program.exists() or not shutil.which("node"):
        return "not installed: needs node and tools/install_node.py"
    line = [str(program), "start", "--data", str(DOCUMENT), "--hostname", "127.0.0.1", "--port", str(_free_port())]
    return [*line, "--disable-log-to-file"]


def _wiremock(folder: Path) -> list[str] | str:
    jar = next((_node_modules() / "wiremock").rglob("wiremock-standalone-*.jar"), None)
    if jar is None or not shutil.which("java"):
        return "not installed: needs java and tools/install_node.py"
    (folder / "mappings").mkdir(exist_ok=True)
    (folder / "mappings" / "answer.json").write_text(json.dumps(_MAPPING), "utf-8")
    line = ["java", "-Djava.net.preferIPv4Stack=true", "-jar", str(jar), "--bind-address", "127.0.0.1", "--port", "0"]
    return [*line, "--root-dir", str(folder), "--no-request-journal", "--use-chunked-encoding", "never"]


def _nginx(folder: Path) -> list[str] | str:
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if program is None:
        return "not installed"
    settings = folder / "nginx.conf"
    settings.write_text(_NGINX.format(folder=folder, port=_free_port(), body=BODY.decode()), "utf-8")
    return [program, "-c", str(settings), "-p", str(folder), "-e", "/dev/null"]


def _node_modules() -> Path:
    return Path(os.environ.get("NI_NODE_MODULES", "node_modules")).resolve()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
