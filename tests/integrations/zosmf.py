"""A z/OSMF that answers what a test tells it to, on a real socket."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

DATA = Path(__file__).parent.parent / "data" / "zosmf"
CERTIFICATE, CA_FILE = DATA / "localhost.pem", DATA / "localhost-ca.pem"


def recorded(name: str) -> bytes:
    return (DATA / f"{name}.json").read_bytes()


@dataclass
class Server:
    """`answer` gives status and body of the next request; None holds it until the end."""

    url: str = ""
    answer: tuple[int, bytes] | None = (200, b"{}")
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)


@contextmanager
def serving(*, tls: bool = False) -> Iterator[Server]:
    told = Server()
    with _bound(told) as server:
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(CERTIFICATE)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        told.url = f"http{'s' if tls else ''}://localhost:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield told
        finally:
            told.release.set()
            server.shutdown()
            thread.join()


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """A client that hangs up is what the test is about."""


def _bound(told: Server) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            told.asked.append((self.command, self.path, dict(self.headers)))
            if told.answer is None:
                told.release.wait(5)
                return
            status, body = told.answer
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = handle_any  # noqa: N815 - the name that the library calls

        def log_message(self, *_: object) -> None: ...

    return _Quiet(("127.0.0.1", 0), Handler)
