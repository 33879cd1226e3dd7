"""Name what the Discord surface itself declines, with the data that its sentence needs.

Declined
├── BotLacks        the bot may not do here what a render needs
├── NotAModerator
├── NotEverywhere   nor in the whole server, which it takes
├── NotTheHost      nor a server admin
├── HostOnly        what moves the host's money
├── NoSuchServer    the bot is in none of this name or number
├── NotAnAdmin      /server is for members with Manage Server
├── NotYours        a button on somebody else's render
├── NoSuchRender    nothing by this id that this person may see
├── NotWaiting      too late to cancel: it is under way or over
├── NotANumber      what was typed is no whole number
├── NoSuchPreset
├── WhoUnclear      nobody was named, or somebody beside "everyone" or "the server"
├── NothingGiven    a change without anything to change
├── LastPlace       the last channel in which videos are made cannot be taken away
├── LeftOpen        all that was chosen is deleted, and an empty choice opens the server
├── FirstMissing    a place or a role without what waits there for a yes
├── OneAtATime      two changes that are made one after the other
├── NoStaffChannel  and none was named
└── ChannelClosed   the bot may not write in the channel that was chosen
"""

from __future__ import annotations

from dataclasses import dataclass

from storage.records import Render


class Declined(Exception):
    """A wish is not fulfilled; nothing was changed."""


@dataclass(kw_only=True, eq=False)
class BotLacks(Declined):
    """The bot lacks permissions in the channel; named as discord.py names them."""

    permissions: tuple[str, ...]


class NotAModerator(Declined):
    """Only for members with Manage Messages."""


class NotEverywhere(Declined):
    """Only for members with Manage Messages or Manage Server in the whole server."""


class NotTheHost(Declined):
    """Only for who runs the bot, and for members with Manage Server."""


class NotAnAdmin(Declined):
    """Only for members with Manage Server, and for who runs the bot."""


class HostOnly(Declined):
    """Only for who runs the bot."""


@dataclass(kw_only=True, eq=False)
class NoSuchServer(Declined):
    """The bot is in no server of this name or number."""

    typed: str


class NotYours(Declined):
    """Only for the requester, and for members with Manage Messages."""


@dataclass(kw_only=True, eq=False)
class NoSuchRender(Declined):
    """No render by this id that this person may see."""

    typed: str


@dataclass(kw_only=True, eq=False)
class NotWaiting(Declined):
    """The render can no longer be cancelled."""

    render: Render


@dataclass(kw_only=True, eq=False)
class NotANumber(Declined):
    """What was typed is no whole number in digits."""

    typed: str


@dataclass(kw_only=True, eq=False)
class NoSuchPreset(Declined):
    """No preset of this name is within what the host gave; `offered` are those that are."""

    typed: str
    offered: tuple[str, ...]


@dataclass(kw_only=True, eq=False)
class WhoUnclear(Declined):
    """It is not clear whose limit is meant: nobody is named, or one too many."""

    named: bool


class NothingGiven(Declined):
    """Nothing was given that could be changed."""


class LastPlace(Declined):
    """Without it there would be no place left, which means everywhere."""


@dataclass(kw_only=True, eq=False)
class LeftOpen(Declined):
    """All channels, or roles, that were chosen before are deleted, and nobody chose others."""

    channels: bool
    roles: bool


class FirstMissing(Declined):
    """Nobody said what a moderator should say yes to first."""


class OneAtATime(Declined):
    """Two things were given of which one command changes one."""


class NoStaffChannel(Declined):
    """The server has no staff channel, and no other channel was named."""


@dataclass(kw_only=True, eq=False)
class ChannelClosed(Declined):
    """The bot may not write in a channel; what it lacks is named as discord.py names it."""

    channel_id: int
    permissions: tuple[str, ...]
