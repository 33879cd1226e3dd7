"""Answer a member whose wish failed, in the one place that does."""

from __future__ import annotations

import logging
import secrets

from discord import app_commands

from cogs.ui.base import TROUBLE, Interaction, answer
from cogs.ui.errors import Declined, NotAModerator, NotAnAdmin
from cogs.ui.text import refusals
from cogs.ui.text.declines import declined
from render.errors import ActRefused, LedgerUnavailable, Refusal
from storage import StorageError

log = logging.getLogger(__name__)


async def report(interaction: Interaction, error: BaseException) -> None:
    """Say what went wrong and hand the prompt back; log once what should not have happened."""
    error = _unwrapped(error)
    words = _explain(interaction, error)
    prompt: object = getattr(interaction.namespace, "prompt", None)
    if isinstance(prompt, str):
        if isinstance(error, Refusal | Declined):
            words = f"{words} {refusals.NOTHING_CHARGED}"
        words = f"{words}\n{refusals.prompt_back(prompt)}"
    try:
        await answer(interaction, words)
    except TROUBLE as failure:
        log.warning("A reply to interaction %s did not arrive: %r", interaction.id, failure)


def _unwrapped(error: BaseException) -> BaseException:
    if isinstance(error, app_commands.CommandInvokeError):
        return error.original
    if isinstance(error, app_commands.TransformerError) and error.__cause__ is not None:
        return error.__cause__
    return error


def _explain(interaction: Interaction, error: BaseException) -> str:
    match error:
        case LedgerUnavailable() | StorageError():
            log.error("The database did not answer interaction %s", interaction.id, exc_info=error)
            return refusals.refusal(LedgerUnavailable())
        case Refusal():
            return refusals.refusal(error)
        case Declined() | ActRefused():
            return declined(error)
        case app_commands.CommandNotFound() | app_commands.CommandSignatureMismatch():
            return refusals.COMMANDS_CHANGED
        case app_commands.NoPrivateMessage():
            return refusals.ONLY_IN_SERVERS
        case app_commands.MissingPermissions():
            return declined(NotAnAdmin())
        case app_commands.CheckFailure():
            return declined(NotAModerator())
        case _:
            report_id = secrets.token_hex(4)
            log.error("Unexpected error %s", report_id, exc_info=error)
            return refusals.unexpected(report_id)
