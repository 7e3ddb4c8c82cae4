"""A forwarder between a client and a target that lets bytes through at a chosen rate: it makes a short file a long
import, so that kills meet it at work. Killing the target breaks its connections as if nothing were in between."""
import socket
import threading
import time

CHUNK = 4096


class Valve:
    """One rate for all targets together. `targets`: name -> port; `ports` says where each listens instead, `passed` how
    many bytes went from clients to targets so far."""

    def __init__(self, targets, bytes_per_second):
        self.rate = bytes_per_second
        self.passed = 0
        self.open = threading.Event()
        self.open.set()
        self.ports = {}
        self._lock = threading.Lock()
        self._next = time.monotonic()
        self._listeners = []
        for name, port in targets.items():
            listener = socket.create_server(("127.0.0.1", 0))
            self._listeners.append(listener)
            self.ports[name] = listener.getsockname()[1]
            threading.Thread(target=self._accept, args=(listener, port), daemon=True).start()

    def close(self):
        self.open.set()
        for listener in self._listeners:
            listener.close()

    def _accept(self, listener, port):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            try:
                target = socket.create_connection(("127.0.0.1", port))
            except OSError:
                client.close()
                continue
            threading.Thread(target=self._forward, args=(client, target, True), daemon=True).start()
            threading.Thread(target=self._forward, args=(target, client, False), daemon=True).start()

    def _forward(self, source, sink, slowly):
        try:
            while chunk := source.recv(CHUNK if slowly else 65536):
                if slowly:
                    self._wait(len(chunk))
                sink.sendall(chunk)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            if slowly:
                end.close()

    def _wait(self, size):
        with self._lock:
            at = self._next = max(self._next, time.monotonic()) + size / self.rate
        time.sleep(max(0.0, at - time.monotonic()))
        self.open.wait()
        with self._lock:
            self.passed += size
