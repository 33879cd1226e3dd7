"""The registration of commands. They outlive the bot's process, as on Discord.

https://docs.discord.com/developers/interactions/application-commands
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord.command_rules import check_commands
from sandbox.discord.refusals import Refusal

if TYPE_CHECKING:
    from sandbox.discord.rest.call import Call, Handler
    from sandbox.discord.wire import Json


def list_commands(call: Call) -> list[Json]:
    """Give the registered commands, everybody's or one server's."""
    guild_id = _scope(call)
    return [each for each in call.world.commands if each.get("guild_id") == guild_id]


def overwrite_commands(call: Call) -> list[Json]:
    """Register exactly these commands; those of the same name keep their ids."""
    guild_id = _scope(call)
    wanted: list[Json] = call.body
    check_commands(wanted)
    earlier = {(each["type"], each["name"]): each["id"] for each in list_commands(call)}
    registered = [_register(call, each, earlier, guild_id) for each in wanted]
    others = [each for each in call.world.commands if each.get("guild_id") != guild_id]
    call.world.commands = others + registered
    call.world.changed()
    return registered


def delete_command(call: Call) -> None:
    """Forget one command."""
    for command in list_commands(call):
        if command["id"] == call.arguments["command_id"]:
            call.world.commands.remove(command)
            return
    raise Refusal(10063)


def _scope(call: Call) -> str | None:
    if call.id("application_id") != call.world.bot.id:
        raise Refusal(10002)
    return str(call.server().id) if "guild_id" in call.arguments else None


def _register(
    call: Call, wanted: Json, earlier: dict[tuple[int, str], str], guild_id: str | None
) -> Json:
    permissions = wanted.get("default_member_permissions")
    kind = wanted.get("type", 1)
    command: Json = {
        "id": earlier.get((kind, wanted["name"])) or str(call.world.ids.next()),
        "application_id": str(call.world.bot.id),
        "version": str(call.world.ids.next()),
        "type": kind,
        "name": wanted["name"],
        "name_localizations": wanted.get("name_localizations"),
        "description": wanted.get("description") or "",
        "description_localizations": wanted.get("description_localizations"),
        "options": wanted.get("options") or [],
        "default_member_permissions": None if permissions is None else str(permissions),
        "dm_permission": wanted.get("dm_permission", True),
        "nsfw": wanted.get("nsfw", False),
        "contexts": wanted.get("contexts"),
        "integration_types": wanted.get("integration_types") or [0],
    }
    return command | ({"guild_id": guild_id} if guild_id else {})


APPLICATION = "/applications/{application_id}"
IN_SERVER = f"{APPLICATION}/guilds/{{guild_id}}"

ROUTES: dict[str, Handler] = {
    f"GET {APPLICATION}/commands": list_commands,
    f"PUT {APPLICATION}/commands": overwrite_commands,
    f"DELETE {APPLICATION}/commands/{{command_id}}": delete_command,
    f"GET {IN_SERVER}/commands": list_commands,
    f"PUT {IN_SERVER}/commands": overwrite_commands,
    f"DELETE {IN_SERVER}/commands/{{command_id}}": delete_command,
}
