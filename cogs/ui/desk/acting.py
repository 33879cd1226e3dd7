"""Carry out what a moderator confirmed, and say what follows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from cogs.ui.base import Interaction
from cogs.ui.desk import forms
from cogs.ui.desk.sight import ids_in_sight, moderator_of
from cogs.ui.reply import reply_to_result
from cogs.ui.setup import read_number
from cogs.ui.text import desk, desk_acts
from cogs.ui.text.declines import declined
from render.acts import Act, Overtaken
from render.desk import Desk, Moderator
from storage import messages
from storage.records import Purpose, Render, State

# What needs no word of explanation.
_AT_ONCE: Final[Mapping[Act, Callable[[Desk, str, Moderator], Awaitable[Render]]]] = {
    Act.APPROVE: Desk.approve,
    Act.BUMP: Desk.bump,
    Act.PARK: Desk.park,
    Act.UNPARK: Desk.unpark,
    Act.SUBMIT_AGAIN: Desk.submit_again,
}


async def act_on(
    interaction: Interaction, render: Render, act: Act, filled: Mapping[str, str]
) -> str:
    """Act on a render that is in sight; raises ActRefused, and then nothing has changed."""
    bot, by = interaction.client, moderator_of(interaction)
    reason = filled.get(forms.REASON, "")
    cancelled: tuple[str, ...] = ()
    match act:
        case Act.POST_AGAIN:
            return await _post(interaction, render, by)
        case Act.REFUND:
            return await _refund(interaction, render, by, reason, filled.get(forms.CREDITS, ""))
        case Act.DENY:
            await bot.desk.deny(render.id, by, reason=reason)
        case Act.CANCEL:
            await bot.desk.cancel(render.id, by, reason=reason)
        case Act.ADOPT:
            await bot.desk.adopt(render.id, by, task_id=filled.get(forms.TASK, ""))
        case Act.TAKE_DOWN:
            refund = filled.get(forms.GIVE_BACK) == forms.YES
            _, gone = await bot.desk.take_down(render.id, by, reason=reason, refund=refund)
            cancelled = await ids_in_sight(interaction, gone)
        case _:
            await _AT_ONCE[act](bot.desk, render.id, by)
    return desk_acts.done(act, render, by_id=by.id, cancelled=cancelled)


async def _post(interaction: Interaction, render: Render, by: Moderator) -> str:
    bot = interaction.client
    before = ""
    try:
        now = await bot.desk.post_again(render.id, by)
    except Overtaken as error:
        if error.render.state is not State.DELIVERED:
            raise
        before, now = f"{declined(error)} ", error.render
    if now is None:
        return desk.NOT_NOW
    result = await bot.database.read(lambda tx: messages.latest(tx, render.id, Purpose.RESULT))
    return f"{before}{desk.posted_by_moderator(now, result)}"


async def _refund(
    interaction: Interaction, render: Render, by: Moderator, reason: str, typed: str
) -> str:
    bot = interaction.client
    credits = read_number("credits", typed) if typed else None
    grant = await bot.desk.refund(render.id, by, reason=reason, credits=credits)
    told = await reply_to_result(bot, render, desk.refund_reply(grant))
    return desk.refunded(render, grant, told=told)
