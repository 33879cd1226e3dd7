"""A stand-in for Discord that an unmodified discord.py bot cannot tell from the real one."""

from __future__ import annotations

from sandbox.discord.attachments import Attachment
from sandbox.discord.channels import Channel
from sandbox.discord.client import Choice, ClientRefused, Upload
from sandbox.discord.clock import Clock
from sandbox.discord.components import Button
from sandbox.discord.faults import Fault, When
from sandbox.discord.interactions import NoAnswer, Reply
from sandbox.discord.messages import Message
from sandbox.discord.people import Member, Person
from sandbox.discord.server import Discord
from sandbox.discord.servers import Server
from sandbox.discord.spec import Exchange

__all__ = [
    "Attachment",
    "Button",
    "Channel",
    "Choice",
    "ClientRefused",
    "Clock",
    "Discord",
    "Exchange",
    "Fault",
    "Member",
    "Message",
    "NoAnswer",
    "Person",
    "Reply",
    "Server",
    "Upload",
    "When",
]
