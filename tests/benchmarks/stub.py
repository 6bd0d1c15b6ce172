"""A provider that accepts every create at once: the floor for measuring what stands above the wire."""

from __future__ import annotations

import asyncio
import sys

HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length: "


class AcceptsEverything(asyncio.Protocol):
    """Just enough HTTP/1.1 for clients that send a Content-Length and keep the connection open."""

    created = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.received = b""

    def data_received(self, data: bytes) -> None:
        self.received += data
        while (end := self.received.find(HEAD_END)) >= 0:
            head = self.received[:end].lower() + b"\r\n"
            length = int(head.partition(LENGTH)[2].partition(b"\r\n")[0] or 0)
            whole = end + len(HEAD_END) + length
            if len(self.received) < whole:
                return
            self.received = self.received[whole:]
            self._answer()

    def _answer(self) -> None:
        AcceptsEverything.created += 1
        body = b'{"data":{"video_id":"v%d","status":"waiting"}}' % AcceptsEverything.created
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
        self.transport.write(head + body)


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(AcceptsEverything, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    sys.exit(asyncio.run(_serve()))
