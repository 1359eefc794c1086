"""A connection that is cut: bytes pass between a client and a store until there were too many."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

_PIECE = 1 << 14


@dataclass
class Proxy:
    """Passes bytes on.

    Attributes:
        per_answer: bytes from the store after which a connection is cut.
        in_all: bytes from the store after which every connection is cut at once.
    """

    target: int
    per_answer: int | None = None
    in_all: int | None = None
    passed: int = 0
    cuts: int = 0
    _listener: socket.socket = field(default_factory=socket.socket)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def listen(self) -> None:
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(64)
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
                store = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                return
            threading.Thread(target=self._pass, args=(client, store), daemon=True).start()
            threading.Thread(target=self._back, args=(store, client), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(_PIECE):
                target.sendall(data)
        _shut(target)

    def _back(self, store: socket.socket, client: socket.socket) -> None:
        here = 0
        with contextlib.suppress(OSError):
            while data := store.recv(_PIECE):
                allowed = min(_rest(self.per_answer, here), _rest(self.in_all, self.passed))
                client.sendall(data[:allowed])
                here += len(data)
                self.passed += len(data)
                if allowed < len(data):
                    self.cuts += 1
                    break
        _shut(client)
        _shut(store)


def _rest(limit: int | None, used: int) -> int:
    return _PIECE if limit is None else max(0, limit - used)


def _shut(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()


@contextlib.contextmanager
def cutting(
    target: int, per_answer: int | None = None, in_all: int | None = None
) -> Iterator[Proxy]:
    """A proxy to the store at port `target`, for as long as the block runs."""
    proxy = Proxy(target, per_answer, in_all)
    proxy.listen()
    try:
        yield proxy
    finally:
        proxy.close()
