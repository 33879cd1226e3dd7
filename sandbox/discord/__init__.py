"""A stand-in for Discord that an unmodified discord.py bot cannot tell from the real one."""

from __future__ import annotations

from sandbox.discord.clock import Clock
from sandbox.discord.faults import Fault, When
from sandbox.discord.messages import Attachment, Button, Message
from sandbox.discord.people import (
    Choice,
    ClientRefused,
    Member,
    NoAnswer,
    Person,
    Reply,
    Upload,
)
from sandbox.discord.places import Channel, Server
from sandbox.discord.server import Discord, RecordedRequest

__all__ = [
    "Attachment",
    "Button",
    "Channel",
    "Choice",
    "ClientRefused",
    "Clock",
    "Discord",
    "Fault",
    "Member",
    "Message",
    "NoAnswer",
    "Person",
    "RecordedRequest",
    "Reply",
    "Server",
    "Upload",
    "When",
]
