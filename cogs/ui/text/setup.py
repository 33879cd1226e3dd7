"""Ask a server's admins how the bot is opened, and say what that means."""

from __future__ import annotations

from typing import Final

from cogs.ui.house import Clip, House
from cogs.ui.markup import any_of, channel, role
from cogs.ui.text.amounts import counted, dollars, number
from storage.records import Server

FORM_TITLE: Final = "Open Paperboat in this server"
WHERE: Final = "Where"
ABOUT_WHERE: Final = "Channels, or categories with all that is in them. Choose none: everywhere."
EVERYWHERE: Final = "Everywhere"
WHO: Final = "Who"
ABOUT_WHO: Final = "Members with one of these roles. Choose none: everybody."
EVERYBODY: Final = "Everybody"
MEMBER_DAILY: Final = "Credits a day for each member"
SERVER_DAILY: Final = "Credits a day for the whole server"
STAFF_CHANNEL: Final = "Staff channel"
ABOUT_STAFF_CHANNEL: Final = (
    "Where I note who changed a limit or gave credits. Choose none: nowhere."
)
NO_STAFF_CHANNEL: Final = "None"
AGAIN: Final = "Change it"


def about_member_daily(clip: Clip) -> str:
    """Say beside the field what a credit is good for."""
    if not clip.credits:
        return "100 credits are $1."
    price = counted(clip.credits)
    return f"100 credits are $1; a clip of {clip.seconds} s {clip.resolution} costs {price}."


def about_server_daily(given: int) -> str:
    """Say beside the field how far it goes."""
    return f"At most {counted(given)}: that is what the bot's host gave this server."


def preset(server_daily: int, member_daily: int, clip: Clip) -> str:
    """Describe a preset in the list that comes up."""
    parts = (f"{dollars(server_daily)} a day", _times(clip, server_daily))
    words = ", ".join(part for part in parts if part)
    return f"{words}; each member up to {dollars(member_daily)}"


def _times(clip: Clip, amount: int) -> str:
    """Say for how many clips an amount is good; nothing while there is no model."""
    if not clip.credits:
        return ""
    count = amount // clip.credits
    noun = "clip" if count == 1 else "clips"
    return f"about {number(count)} {noun} of {clip.seconds} s {clip.resolution}"


def set_up(house: House, clip: Clip) -> str:
    """Say what was opened, where and to whom, and what a day can cost."""
    server = house.server
    times = f", {_times(clip, house.daily)}" if clip.credits else ""
    lines = [
        f"**Open.** `/video` works {where(server)}, for {who(server)}.",
        f"{dollars(house.daily)} a day{times}; the busiest member can cost"
        f" {dollars(house.busiest)}.",
    ]
    if server.audit_channel_id is None and server.staff_channel_id is not None:
        lines.append(f"Who changes a limit is noted in {channel(server.staff_channel_id)}.")
    lines.append("`/server setup` changes it, `/server limits set` goes finer.")
    return "\n".join(lines)


def where(server: Server) -> str:
    """Name the channels in which videos are made."""
    if not server.channel_ids:
        return "everywhere"
    return f"in {any_of(map(channel, sorted(server.channel_ids)))}"


def who(server: Server) -> str:
    """Name the roles whose members make them."""
    if not server.role_ids:
        return "everybody"
    return f"members with {any_of(map(role, sorted(server.role_ids)))}"


def welcome(*, opened: bool, allowed: bool) -> str:
    """Introduce the bot where it was invited."""
    head = "**Paperboat** turns a sentence, and pictures if you like, into a video: `/video`."
    if not allowed:
        return f"{head} In this server it makes none until the bot's host allows it."
    if opened:
        return f"{head} I am back, and what was set up here before still holds."
    return (
        f"{head}\nA server admin opens it to members with `/server setup`: where, who, and how much"
        " a day. Until then only admins can make videos."
    )
