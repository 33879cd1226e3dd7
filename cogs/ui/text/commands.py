"""Describe every command and option, and label every button."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cogs.ui.text.renders import credit
from seedance import Option

COMMANDS: Final[Mapping[str, str]] = {
    "video": "Turn a sentence, and pictures if you like, into a video.",
    "quota": "See what you may still spend, when more comes, and where it went.",
    "renders": "Look at your own videos and stop those that still wait.",
    "renders list": "List your latest videos in this server.",
    "renders show": "Show one of your videos with all its settings, ready to send again.",
    "renders cancel": "Stop one of your videos while it still waits; you get the credits back.",
    "queue": "For moderators: see and steer what this server is rendering.",
    "queue list": "See all that waits or renders in the channels you moderate, and act on it.",
    "queue show": "See all that is known of a video, and what you can do with it.",
    "queue cancel": "Stop a video that still waits; its member gets the credits back.",
    "queue post": "Post a video that could not be posted where it was asked for.",
    "queue refund": "Give a member credits back for a video that was paid; at most 500 a day.",
    "queue pause": "Take no new videos in this server and start none, until you resume.",
    "queue drain": "Take no new videos in this server; what already waits is still made.",
    "queue resume": "Take new videos again.",
    "queue stop": "Let a member make no videos here; what of theirs waits is cancelled.",
    "queue board": "Show how the queue stands in a message for the staff that stays up to date.",
    "queue audit": "See who changed what in this server, as text or as a file.",
    "queue unstop": "Let a member make videos here again.",
    "server": "For server admins: open the bot to members, and set who may spend what.",
    "server setup": "Open the bot here: where, who, and how many credits a day.",
    "server limits": "Limits for the server, for everyone, for a role or a member.",
    "server limits show": "Show every limit that is set in this server.",
    "server limits set": "Set limits; only what you give changes, and none takes a limit away.",
    "server limits clear": "Take all limits of a role, a member, everyone or the server away.",
    "server limits why": "Say which limit binds a member now, and until when.",
    "server grant": "Give a member, or everybody with a role, credits beside the allowance.",
    "server reset": "Let a member begin anew: what they spent no longer counts against them.",
    "server zone": "Choose by which clock days, weeks and months begin here.",
    "server audit": "Choose the channel where it is noted who changed what.",
    "server channels": "Choose where videos are made; a category counts for all that is in it.",
    "server approval": "Choose what waits for a moderator's yes, in a place or for a role.",
    "server words": "Choose words that are refused, or wait for a moderator's yes.",
    "server newcomers": "Choose how long members must have been there; let them in after a rush.",
    "server usage": "See what was used in this day, week or month, as text or as a file.",
    "host": "For the bot's host.",
    "host spend": "See what was spent today and this month, by server, in dollars.",
    "host stop": "Start no more videos in any server, at once, until you say /host go.",
    "host go": "Let videos start again, after /host stop or when the bot asks about its data.",
    "host give": "Set how many credits a day a server may spend at most.",
    "doctor": "For the host and server admins: see what is well, and what to do about the rest.",
}
OPTIONS: Final[Mapping[str, str]] = {
    "prompt": "What should be seen: who or what, what happens, where, in which style.",
    "model": "Who renders it; without this, the first of the list.",
    Option.FIRST_FRAME: "A picture that the video starts with.",
    Option.LAST_FRAME: "A picture that the video ends with; it needs a first one.",
    Option.DURATION: "How long, in seconds; without this, 5.",
    Option.RATIO: "Width to height; without this, 16:9, or that of your first picture.",
    Option.RESOLUTION: "How sharp; without this, 720p.",
    Option.SEED: "A number of your choice: the same one gives a similar video again.",
    Option.AUDIO: "With or without sound.",
    "id": "The eight characters that every message about it shows.",
    "reason for cancelling": "Why; the member reads it.",
    "member to stop": "Who makes no videos here any more.",
    "reason for stopping a member": "Why; the member reads it.",
    "hours to stop": "For how many hours; without this, until /queue unstop.",
    "member to unstop": "Who may make videos here again.",
    "board channel": "Where; without this, the staff channel of /server setup.",
    "board off": "Take the board away.",
    "audit member": "Only what was done to this member.",
    "audit moderator": "Only what this member did.",
    "audit action": "Only what was done; type to search.",
    "audit as csv": "Also as a file.",
    "reason for refunding": "Why; the member and the server's audit channel read it.",
    "credits to refund": "How many; without this, all that the video cost.",
    "reason for stopping": "Why; a note for yourself that /doctor repeats and no member reads.",
    "server": "The server's name or number.",
    "preset": "Amounts that go well together; you can still change them in the form.",
    "who is limited": "Whose limit it is.",
    "which is limited": "The role or the member, when you chose that in who.",
    "limit hour": "Credits an hour, or none.",
    "limit day": "Credits a day, or none.",
    "limit week": "Credits a week, or none.",
    "limit month": "Credits a month, or none.",
    "limit at_once": "Videos of one member under way at once, or none for the usual number.",
    "limit waiting": "Videos that may wait in this server when this member sends one, or none.",
    "limit longest": "The longest duration in seconds, or none.",
    "limit resolution": "The highest resolution, like 720p, or none.",
    "limit models": "The models to choose from, with commas between them, or none for all.",
    "member to look at": "Whose limits you want to understand.",
    "who gets": "The member, or the role: then everybody who has it gets that much.",
    "credits to give": "How many; 100 credits are $1 at list price.",
    "days to last": "After so many days what is left of it ends; from 1 to 366.",
    "reason for giving": "Why; the member reads it.",
    "member to reset": "Who begins anew.",
    "reason for resetting": "Why; the member reads it.",
    "zone": "A city's zone, like Europe/Berlin; type to search.",
    "audit channel": "Where; without this, the staff channel of /server setup.",
    "place to add": "A channel, a thread, or a category with all that is in it.",
    "place to remove": "Where videos are no longer made.",
    "everywhere": "In every channel of this server.",
    "approval first": "What waits until a moderator says yes; without this, I show what is set.",
    "approval where": "A channel, a thread or a category; without this and role, the whole server.",
    "approval role": "The role whose members this is about.",
    "words to add": "Words with commas between them; * stands for any letters, like boat*.",
    "words then": "What I do with a prompt that has one of them; without this, refuse it.",
    "words to remove": "Words with commas between them, as the list shows them.",
    "account days": "How many days old their Discord account must be; 0 for any.",
    "member days": "How many days ago they must have joined; 0 for any.",
    "let in": "End the wait that began because too many new members came at once.",
    "usage by": "What is summed up by.",
    "usage per": "How far back: to the beginning of the day, the week or the month.",
    "usage as csv": "Also as a file, day by day.",
    "credits a day": "What its admins may go up to; one credit is one cent of US dollar.",
    "reason for pausing": "Why; everybody who sends a video meanwhile reads it.",
}
CANCEL: Final = "Cancel"
DELETE: Final = "Delete"
POST: Final = "Post it here"
NOT_ALLOWED: Final = "not allowed here"
MORE_THAN_YOURS: Final = "more than you have"
MORE_THAN_LEFT: Final = "more than is left here"


def choice(name: str, cost: int, *, hindrance: str = "") -> str:
    """Name a choice with its price, and with what stands in its way."""
    return " · ".join(part for part in (name, credit(cost), hindrance) if part)
