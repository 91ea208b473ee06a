"""A load from another process: keep-alive connections that send ready-made requests and time them.

    python -m bench.load HOST PORT CONNECTIONS REQUESTS_FILE

REQUESTS_FILE holds length-prefixed raw HTTP requests. Prints one JSON line: requests per second,
latencies in ms, and how many answers were not 200.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path


class Client(asyncio.Protocol):
    """Sends the next request as soon as the last is answered."""

    def __init__(self, requests: list[bytes], taken: list[int], done: asyncio.Event) -> None:
        self.requests, self.taken, self.done = requests, taken, done
        self.latencies: list[float] = []
        self.bad = 0
        self.buffer = b""
        self.finished = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.next()

    def next(self) -> None:
        place = self.taken[0]
        if place >= len(self.requests):
            self.finished = True
            self.transport.close()
            return
        self.taken[0] += 1
        self.started = time.perf_counter()
        self.transport.write(self.requests[place])

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, found, body = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = 0
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        if len(body) < length:
            return
        self.buffer = body[length:]
        self.latencies.append(time.perf_counter() - self.started)
        if b" 200 " not in head[:20]:
            self.bad += 1
        self.next()

    def connection_lost(self, exc: Exception | None) -> None:
        self.done.set()


def read_requests(path: Path) -> list[bytes]:
    raw, place, found = path.read_bytes(), 0, []
    while place < len(raw):
        length = int.from_bytes(raw[place : place + 4], "big")
        found.append(raw[place + 4 : place + 4 + length])
        place += 4 + length
    return found


def write_requests(path: Path, requests: list[bytes]) -> None:
    with path.open("wb") as file:
        for request in requests:
            file.write(len(request).to_bytes(4, "big") + request)


def post(path: str, body: bytes, content_type: str = "application/json") -> bytes:
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {content_type}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body


async def run(host: str, port: int, connections: int, requests: list[bytes]) -> dict[str, float]:
    loop = asyncio.get_running_loop()
    taken = [0]
    clients, events = [], []
    started = time.perf_counter()
    for _ in range(connections):
        done = asyncio.Event()
        _, client = await loop.create_connection(
            lambda done=done: Client(requests, taken, done), host, port
        )
        clients.append(client)
        events.append(done)
    await asyncio.gather(*(event.wait() for event in events))
    seconds = time.perf_counter() - started
    latencies = sorted(x for client in clients for x in client.latencies)
    return {
        "requests": len(latencies),
        "per_second": round(len(latencies) / seconds, 1),
        "p50_ms": round(latencies[len(latencies) // 2] * 1e3, 2),
        "p99_ms": round(latencies[int(len(latencies) * 0.99)] * 1e3, 2),
        "not_200": sum(client.bad for client in clients) + len(requests) - len(latencies),
    }


def main() -> None:
    host, port, connections, path = sys.argv[1:5]
    try:
        import uvloop

        uvloop.install()
    except ImportError:
        pass
    print(
        json.dumps(asyncio.run(run(host, int(port), int(connections), read_requests(Path(path)))))
    )


if __name__ == "__main__":
    main()
