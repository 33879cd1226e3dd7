"""Answers to interactions: the first one, edits of it, and follow-ups.

https://docs.discord.com/developers/interactions/receiving-and-responding
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord.components import number
from sandbox.discord.form_rules import check_modal
from sandbox.discord.interactions import Callback, Interaction, InteractionKind
from sandbox.discord.messages import COMMAND_RESPONSE, DEFAULT, Flag
from sandbox.discord.posting import edit, placeholder, post
from sandbox.discord.refusals import Form, Refusal
from sandbox.discord.wire import Json, inner, listed

if TYPE_CHECKING:
    from sandbox.discord.messages import Message
    from sandbox.discord.people import Person
    from sandbox.discord.rest.call import Call, Handler

ON_COMMANDS = frozenset({Callback.MESSAGE, Callback.DEFERRED_MESSAGE, Callback.FORM})
ON_COMPONENTS = ON_COMMANDS | {Callback.DEFERRED_UPDATE, Callback.UPDATE}
# Which first answers fit which interaction.
FITTING: dict[InteractionKind, frozenset[Callback]] = {
    InteractionKind.COMMAND: ON_COMMANDS,
    InteractionKind.COMPONENT: ON_COMPONENTS,
    InteractionKind.AUTOCOMPLETE: frozenset({Callback.CHOICES}),
    InteractionKind.FORM: ON_COMPONENTS - {Callback.FORM},
}


def answer(call: Call) -> Json:
    """Take the first answer to an interaction."""
    interaction = call.world.interactions.get(call.arguments["token"])
    if interaction is None or interaction.id != call.id("interaction_id"):
        raise Refusal(10062)
    callback = _check_fits(interaction, call.body["type"])
    interaction.check_open()
    _take_effect(call, interaction, callback)
    interaction.original_is_ours = callback != Callback.DEFERRED_UPDATE
    interaction.acknowledge(callback)
    call.world.changed()
    return _resource(interaction, callback)


def _take_effect(call: Call, interaction: Interaction, callback: Callback) -> None:
    data = inner(call.body, "data")
    match callback:
        case Callback.MESSAGE:
            interaction.original = _post(call, interaction, data)
        case Callback.DEFERRED_MESSAGE:
            _check_deferral(data)
            interaction.original = placeholder(
                interaction.channel,
                private_to=_audience(interaction, data),
                interaction=interaction.metadata(),
            )
        case Callback.UPDATE if interaction.pressed:
            edit(interaction.pressed, call.draft(_limit(interaction), data))
            interaction.original = interaction.pressed
        case Callback.DEFERRED_UPDATE:
            interaction.original = interaction.pressed
        case _:
            _check_data(callback, data)
            number(listed(data, "components"))
            interaction.answer = data


def get_original(call: Call) -> Json:
    """Give the first answer, or a follow-up by its id."""
    return _message(call, _find(call)).payload()


def edit_answer(call: Call) -> Json:
    """Edit the first answer, or a follow-up by its id."""
    interaction = _find(call)
    message = _message(call, interaction)
    edit(message, call.draft(_limit(interaction)))
    if message is interaction.original:
        interaction.original_is_ours = True
    call.world.changed()
    return message.payload()


def delete_answer(call: Call) -> None:
    """Delete the first answer, or a follow-up by its id."""
    _message(call, _find(call)).delete()


def follow_up(call: Call) -> Json:
    """Post one more message; the first one after a deferral takes the place of "is thinking"."""
    interaction = _find(call)
    original = interaction.original
    if original and original.thinking and not original.deleted:
        edit(original, call.draft(_limit(interaction)))
        return original.payload()
    message = _post(call, interaction, call.body, is_first=False)
    interaction.followups.append(message)
    call.world.changed()
    return message.payload()


def _find(call: Call) -> Interaction:
    interaction = call.world.interactions.get(call.arguments["token"])
    if interaction is None or call.id("application_id") != call.world.bot.id:
        raise Refusal(10015)
    interaction.check_token()
    return interaction


def _message(call: Call, interaction: Interaction) -> Message:
    return interaction.message(call.arguments.get("message_id", "@original"))


def _limit(interaction: Interaction) -> int:
    return interaction.channel.upload_limit_bytes(interaction.member)


def _audience(interaction: Interaction, data: Json) -> Person | None:
    private = Flag.EPHEMERAL in Flag(data.get("flags") or 0)
    return interaction.member.person if private else None


def _post(call: Call, interaction: Interaction, data: Json, *, is_first: bool = True) -> Message:
    to_command = is_first and interaction.kind == InteractionKind.COMMAND
    return post(
        call.world.channel(interaction.channel.id),
        call.draft(_limit(interaction), data),
        kind=COMMAND_RESPONSE if to_command else DEFAULT,
        private_to=_audience(interaction, data),
        interaction=interaction.metadata(),
    )


def _check_fits(interaction: Interaction, kind: object) -> Callback:
    for callback in FITTING[interaction.kind]:
        if callback == kind:
            return callback
    form = Form()
    form.fault(
        ("type",),
        "INTERACTION_APPLICATION_COMMAND_INVALID_CALLBACK_TYPE",
        f"Interaction callback type {kind} is invalid for this interaction",
    )
    raise form.refusal()


def _check_deferral(data: Json) -> None:
    """Demand that a deferral says nothing but whether it is private."""
    form = Form()
    if set(data) - {"flags"} or (data.get("flags") or 0) & ~Flag.EPHEMERAL:
        form.fault(("data",), "BASE_TYPE_CHOICES", "A deferral takes no flag but EPHEMERAL")
    form.finish()


def _check_data(callback: Callback, data: Json) -> None:
    form = Form()
    if callback == Callback.FORM:
        check_modal(form, data)
    choices: list[Json] = listed(data, "choices")
    if len(choices) > 25:
        form.fault(("data", "choices"), "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
    for index, choice in enumerate(choices):
        for key in ("name", "value"):
            path = ("data", "choices", index, key)
            form.require(path, str(choice.get(key, "")), longest=100)
    form.finish()


def _resource(interaction: Interaction, callback: Callback) -> Json:
    """Say what came of it. A deferral has no resource in the OpenAPI file."""
    about: Json = {
        "id": str(interaction.id),
        "type": int(interaction.kind),
        "response_message_loading": callback == Callback.DEFERRED_MESSAGE,
        "response_message_ephemeral": False,
    }
    result: Json = {"interaction": about}
    if interaction.original:
        about["response_message_id"] = str(interaction.original.id)
        about["response_message_ephemeral"] = interaction.original.private_to is not None
        if callback in {Callback.MESSAGE, Callback.UPDATE}:
            message = interaction.original.payload()
            result["resource"] = {"type": int(callback), "message": message}
    return result


WEBHOOK = "/webhooks/{application_id}/{token}"

ROUTES: dict[str, Handler] = {
    "POST /interactions/{interaction_id}/{token}/callback": answer,
    f"POST {WEBHOOK}": follow_up,
    f"GET {WEBHOOK}/messages/{{message_id}}": get_original,
    f"PATCH {WEBHOOK}/messages/{{message_id}}": edit_answer,
    f"DELETE {WEBHOOK}/messages/{{message_id}}": delete_answer,
}
