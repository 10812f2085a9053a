"""A web server on loopback that serves files well, or badly in one way."""

from __future__ import annotations

import re
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class FileServer:
    """What a server has and how it behaves; `asked` lists the Range of every request."""

    files: Mapping[str, bytes]
    manner: str = ""
    piece: int = 1_000  # bytes before it cuts or stalls
    address: str = ""
    asked: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)


@contextmanager
def serving(
    files: Mapping[str, bytes], manner: str = "", *, tls: ssl.SSLContext | None = None
) -> Iterator[FileServer]:
    """Serve files until the end of the block.

    Manners: "" (all is well), "cuts", "stalls", "drips", "lies about length", "wrong bytes",
    "knows no ranges", "wrong range", "endless", "redirects", "has nothing".
    """
    state = FileServer(files, manner)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with suppress(ConnectionError):
                _answer(self, state)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            pass  # a client that hangs up is what some tests are about

    server = Server(("127.0.0.1", 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    state.address = f"http{'s' * bool(tls)}://localhost:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield state
    finally:
        state.ended.set()
        server.shutdown()
        thread.join()
        server.server_close()


def _answer(handler: BaseHTTPRequestHandler, state: FileServer) -> None:
    asked = handler.headers.get("Range", "")
    state.asked.append(asked)
    whole = state.files[handler.path.lstrip("/")]
    manner = state.manner
    if manner == "has nothing":
        handler.send_error(404)
        return
    if manner == "redirects":
        handler.send_response(302)
        handler.send_header("Location", "https://localhost:1/elsewhere")
        handler.end_headers()
        return
    if manner == "wrong bytes":
        whole = bytes(255 - byte for byte in whole)
    start = int(re.findall(r"\d+", asked)[0]) if asked and manner != "knows no ranges" else 0
    handler.send_response(206 if start else 200)
    if start:
        first = start - 1 if manner == "wrong range" else start
        handler.send_header("Content-Range", f"bytes {first}-{len(whole) - 1}/{len(whole)}")
    if manner != "endless":
        length = len(whole) - start + 7 * (manner == "lies about length")
        handler.send_header("Content-Length", str(length))
    handler.end_headers()
    body = whole[start:]
    if manner == "cuts":
        handler.wfile.write(body[: state.piece])
    elif manner == "stalls":
        handler.wfile.write(body[: state.piece])
        state.ended.wait(10)
    elif manner == "drips":
        for byte in body:
            handler.wfile.write(bytes([byte]))
            if state.ended.wait(0.02):
                return
    elif manner == "endless":
        while not state.ended.is_set():
            handler.wfile.write(body)
    else:
        handler.wfile.write(body)
