"""The gateway: sessions that identify, hear events, break off and resume.

https://docs.discord.com/developers/events/gateway
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import zlib
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from aiohttp import WSMsgType, web

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.discord.wire import Json
    from sandbox.discord.world import World

HEARTBEAT_INTERVAL_MS = 41_250
PRIVILEGED_INTENTS = 1 << 1 | 1 << 8 | 1 << 15
# An event reaches only who asked for it; events not named here reach everybody.
INTENTS = {
    prefix: 1 << bit
    for prefix, bit in (
        ("GUILD_MEMBER_", 1),
        ("GUILD_", 0),
        ("CHANNEL_", 0),
        ("THREAD_", 0),
        ("MESSAGE_", 9),
    )
}
DIRECT_MESSAGES = 1 << 12


class Op(IntEnum):
    """Name the opcodes that are used here."""

    DISPATCH = 0
    HEARTBEAT = 1
    IDENTIFY = 2
    PRESENCE = 3
    RESUME = 6
    RECONNECT = 7
    INVALID_SESSION = 9
    HELLO = 10
    HEARTBEAT_ACK = 11


class Close(IntEnum):
    """Name the close codes that are used here."""

    GOING_AWAY = 1001
    UNKNOWN_OPCODE = 4001
    DECODE_ERROR = 4002
    NOT_AUTHENTICATED = 4003
    AUTHENTICATION_FAILED = 4004
    ALREADY_AUTHENTICATED = 4005
    SESSION_TIMED_OUT = 4009
    DISALLOWED_INTENTS = 4014


@dataclass(frozen=True, slots=True)
class Event:
    """One dispatch, kept for replay."""

    name: str
    data: Json
    sequence: int
    written: Callable[[], None] | None


class Socket:
    """One websocket connection, compressed if the client asked for that."""

    def __init__(self, request: web.Request) -> None:
        self.web = web.WebSocketResponse(timeout=1, max_msg_size=0)
        compressed = request.query.get("compress") == "zlib-stream"
        self._deflate = zlib.compressobj() if compressed else None

    async def send(self, op: Op, data: object = None, event: Event | None = None) -> None:
        """Write one message."""
        message = {"op": op, "d": data, "s": None, "t": None}
        if event:
            message |= {"d": event.data, "s": event.sequence, "t": event.name}
        text = json.dumps(message)
        if self._deflate:
            packed = self._deflate.compress(text.encode()) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
            await self.web.send_bytes(packed)
        else:
            await self.web.send_str(text)

    async def close(self, code: int) -> None:
        """Close the connection with this code."""
        await self.web.close(code=code)


class Session:
    """What the bot has identified itself for; it survives a broken connection."""

    def __init__(self, intents: int) -> None:
        self.id = secrets.token_hex(16)
        self.socket: Socket | None = None
        self._intents = intents
        self._events: list[Event] = []
        self._next = 0
        self._more = asyncio.Event()

    def dispatch(self, name: str, data: Json, written: Callable[[], None] | None = None) -> None:
        """Queue an event, if the session's intents cover it."""
        if not self._hears(name, data):
            return
        self._events.append(Event(name, data, len(self._events) + 1, written))
        self._more.set()

    def rewind(self, sequence: int) -> None:
        """Go back to right after the event that the client saw last."""
        self._next = sequence
        self._more.set()

    async def write(self, socket: Socket) -> None:
        """Write the events to the connection, one after the other, while it is the session's."""
        while self.socket is socket:
            while self._next < len(self._events) and self.socket is socket:
                event = self._events[self._next]
                self._next += 1
                await socket.send(Op.DISPATCH, event=event)
                if event.written:
                    event.written()
            self._more.clear()
            await self._more.wait()

    def _hears(self, name: str, data: Json) -> bool:
        if name.startswith("MESSAGE_") and "guild_id" not in data:
            return bool(self._intents & DIRECT_MESSAGES)
        for prefix, intent in INTENTS.items():
            if name.startswith(prefix):
                return bool(self._intents & intent)
        return True


class Gateway:
    """Speak the gateway's protocol with the bot."""

    def __init__(self, world: World) -> None:
        self.url = ""
        self.identifies = 0
        self.resumes = 0
        self.allows_privileged_intents = False
        # Whoever looks at every event that is sent.
        self.on_event: Callable[[tuple[str, Json]], None] = lambda _event: None
        self._world = world
        self._sessions: dict[str, Session] = {}

    @property
    def connected(self) -> list[Session]:
        """Give the sessions that have a connection."""
        return [each for each in self._sessions.values() if each.socket]

    def dispatch(self, name: str, data: Json, *, written: Callable[[], None] | None = None) -> None:
        """Send an event to the bot; without a connection it is replayed when the bot resumes."""
        self.on_event((name, data))
        for session in self._sessions.values():
            session.dispatch(name, data, written)

    async def disconnect(self, code: int, *, resumable: bool) -> None:
        """Break every connection off."""
        sockets = [session.socket for session in self.connected if session.socket]
        if not resumable:
            self._sessions.clear()
        for socket in sockets:
            await socket.close(code)

    async def ask_to_reconnect(self) -> None:
        """Send op 7."""
        for session in self.connected:
            if session.socket:
                await session.socket.send(Op.RECONNECT)

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one connection."""
        socket = Socket(request)
        await socket.web.prepare(request)
        await socket.send(Op.HELLO, {"heartbeat_interval": HEARTBEAT_INTERVAL_MS})
        session: Session | None = None
        writer: asyncio.Task[None] | None = None
        try:
            while message := await self._receive(socket):
                if message["op"] == Op.HEARTBEAT:
                    await socket.send(Op.HEARTBEAT_ACK)
                elif message["op"] in {Op.IDENTIFY, Op.RESUME} and session is None:
                    session = await self._open(socket, message["op"], message["d"])
                    if session:
                        writer = asyncio.create_task(session.write(socket), name="gateway writer")
                elif message["op"] != Op.PRESENCE or session is None:
                    await socket.close(_why_not(message["op"], session))
        finally:
            if writer:
                writer.cancel()
                with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                    await writer
            if session and session.socket is socket:
                session.socket = None
            self._world.changed()
        return socket.web

    async def _receive(self, socket: Socket) -> Json | None:
        """Give the next message, or None at the end of the connection."""
        try:
            received = await socket.web.receive(timeout=HEARTBEAT_INTERVAL_MS / 1000 * 1.5)
        except TimeoutError:
            await socket.close(Close.SESSION_TIMED_OUT)
            return None
        if received.type is not WSMsgType.TEXT:
            return None
        try:
            return json.loads(received.data)
        except ValueError:
            await socket.close(Close.DECODE_ERROR)
            return None

    async def _open(self, socket: Socket, op: int, data: Json) -> Session | None:
        if data["token"].removeprefix("Bot ") != self._world.token:
            await socket.close(Close.AUTHENTICATION_FAILED)
            return None
        if op == Op.IDENTIFY:
            return await self._identify(socket, data["intents"])
        session = self._sessions.get(data["session_id"])
        if session is None:
            await socket.send(Op.INVALID_SESSION, data=False)
            return None
        self.resumes += 1
        session.socket = socket
        session.rewind(data["seq"])
        session.dispatch("RESUMED", {"_trace": []})
        self._world.changed()
        return session

    async def _identify(self, socket: Socket, intents: int) -> Session | None:
        self.identifies += 1
        if intents & PRIVILEGED_INTENTS and not self.allows_privileged_intents:
            await socket.close(Close.DISALLOWED_INTENTS)
            return None
        session = Session(intents)
        session.socket = socket
        self._sessions = {session.id: session}
        ready = self._ready(session)
        self.on_event(("READY", ready))
        session.dispatch("READY", ready)
        for server in self._world.servers.values():
            if server.bot_is_in and not server.unavailable:
                session.dispatch("GUILD_CREATE", server.creation())
        self._world.changed()
        return session

    def _ready(self, session: Session) -> Json:
        world = self._world
        return {
            "v": 10,
            "user": world.bot.payload() | {"email": None, "mfa_enabled": True, "verified": True},
            "guilds": [
                {"id": str(server.id), "unavailable": True}
                for server in world.servers.values()
                if server.bot_is_in
            ],
            "session_id": session.id,
            "resume_gateway_url": self.url,
            "session_type": "normal",
            "shard": [0, 1],
            "application": {"id": str(world.bot.id), "flags": 0, "flags_new": "0"},
            "private_channels": [],
            "presences": [],
            "relationships": [],
            "guild_join_requests": [],
            "user_settings": {},
            "geo_ordered_rtc_regions": [],
        }


def _why_not(op: int, session: Session | None) -> Close:
    if op in {Op.IDENTIFY, Op.RESUME}:
        return Close.ALREADY_AUTHENTICATED
    return Close.UNKNOWN_OPCODE if session else Close.NOT_AUTHENTICATED
