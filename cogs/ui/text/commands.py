"""Describe every command and option, and label every button."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from seedance import Option

COMMANDS: Final[Mapping[str, str]] = {
    "video": "Turn a sentence, and pictures if you like, into a video.",
    "quota": "See what you may still spend today, and what is under way.",
    "renders": "Look at your own videos and stop those that still wait.",
    "renders list": "List your latest videos in this server.",
    "renders show": "Show one of your videos with all its settings, ready to send again.",
    "renders cancel": "Stop one of your videos while it still waits; you get the credits back.",
    "queue": "For moderators: see and steer what this server is rendering.",
    "queue list": "List all that waits or renders in the channels you moderate.",
    "queue cancel": "Stop a video that still waits; its member gets the credits back.",
    "queue post": "Post a video that could not be posted where it was asked for.",
    "queue pause": "Take no new videos in this server until you resume.",
    "queue resume": "Take new videos again.",
    "host": "For the bot's host.",
    "host go": "Let videos start again, after the bot asked you whether its data is the latest.",
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
    "reason for pausing": "Why; everybody who sends a video meanwhile reads it.",
}
CANCEL: Final = "Cancel"
DELETE: Final = "Delete"
POST: Final = "Post it here"
