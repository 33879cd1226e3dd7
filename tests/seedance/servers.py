"""Real servers on loopback that misbehave byte by byte."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.seedance import answers

Behaviour = Callable[["Talk"], Awaitable[None]]


@dataclass
class Talk:
    """One connection, seen from the server."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    head: bytes = b""
    body: bytes = b""

    async def listen(self) -> None:
        """Read one request with a Content-Length."""
        self.head = await self.reader.readuntil(b"\r\n\r\n")
        length = self.header("content-length")
        self.body = await self.reader.readexactly(int(length)) if length else b""

    def header(self, name: str) -> str | None:
        for line in self.head.decode().split("\r\n")[1:]:
            key, _, value = line.partition(":")
            if key.lower() == name:
                return value.strip()
        return None

    @property
    def target(self) -> str:
        return self.head.decode().split(" ")[1]

    def say(self, raw: bytes) -> None:
        self.writer.write(raw)

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.say("\r\n".join([*lines, "", ""]).encode() + body)

    def reset(self) -> None:
        """Close with RST instead of FIN."""
        connection: socket.socket = self.writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


@dataclass
class Server:
    """Remember who called."""

    url: str = ""
    port: int = 0
    talks: list[Talk] = field(default_factory=list)


@asynccontextmanager
async def serving(behaviour: Behaviour, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    """Serve each connection with the behaviour; cut off whoever still talks at the end."""
    server = Server()
    tasks: set[asyncio.Task[None]] = set()

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = Talk(reader, writer)
        server.talks.append(talk)
        task = asyncio.current_task()
        assert task
        tasks.add(task)
        try:
            await behaviour(talk)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client went away, or the test is over
        finally:
            writer.transport.abort() if writer.transport.is_closing() else writer.close()

    listener = await asyncio.start_server(converse, "127.0.0.1", 0, ssl=tls)
    server.port = listener.sockets[0].getsockname()[1]
    server.url = f"http://127.0.0.1:{server.port}"
    try:
        yield server
    finally:
        listener.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def free_port() -> int:
    """Return a port that nobody listens on."""
    listener = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    listener.close()
    await listener.wait_closed()
    return port


# --- behaviours ---------------------------------------------------------------------------------


def answering(status: int, document: object, **headers: str) -> Behaviour:
    raw = document if isinstance(document, bytes) else answers.body(document)

    async def answer(talk: Talk) -> None:
        await talk.listen()
        talk.answer(status, raw, **headers)

    return answer


async def stall(talk: Talk) -> None:
    await talk.reader.read()


async def close_unread(talk: Talk) -> None:
    talk.writer.close()


async def reset_unread(talk: Talk) -> None:
    talk.reset()


async def reset_once_read(talk: Talk) -> None:
    await talk.listen()
    talk.reset()


async def close_once_read(talk: Talk) -> None:
    await talk.listen()


async def reset_amid_the_answer(talk: Talk) -> None:
    await talk.listen()
    talk.say(b'HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n{"id": ')
    await talk.writer.drain()
    talk.reset()


async def cut_the_answer(talk: Talk) -> None:
    await talk.listen()
    body = answers.body(answers.TOP_LEVEL)
    talk.say(b"HTTP/1.1 400 No\r\nContent-Length: 90\r\n\r\n" + body)


async def cut_the_json(talk: Talk) -> None:
    await talk.listen()
    talk.answer(200, b'{"id": "task_abc')


async def talk_nonsense(talk: Talk) -> None:
    await talk.listen()
    talk.say(b"\x00\x01 nonsense\r\n\r\n")


async def answer_endlessly(talk: Talk) -> None:
    await talk.listen()
    talk.say(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        talk.say(b" " * 65536)
        await talk.writer.drain()
