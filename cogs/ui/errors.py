"""Name what the Discord surface itself declines, with the data that its sentence needs.

Declined
├── BotLacks        the bot may not do here what a render needs
├── NotAModerator
├── NotTheHost
├── NotYours        a button on somebody else's render
├── NoSuchRender    nothing by this id that this person may see
└── NotWaiting      too late to cancel: it is under way or over
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


class NotTheHost(Declined):
    """Only for who runs the bot, and for members with Manage Server."""


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
