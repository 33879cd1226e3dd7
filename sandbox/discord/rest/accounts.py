"""The bot's own account, its application, other people, and the way to the gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord.refusals import Refusal

if TYPE_CHECKING:
    from sandbox.discord.rest.call import Call, Handler
    from sandbox.discord.wire import Json


def get_me(call: Call) -> Json:
    """Give the bot's account."""
    about_login: Json = {"email": None, "mfa_enabled": True, "verified": True, "locale": "en-US"}
    return call.world.bot.payload() | about_login


def get_user(call: Call) -> Json:
    """Give somebody's account."""
    person = call.world.people.get(call.id("user_id"))
    if person is None:
        raise Refusal(10013)
    return person.payload()


def get_application(call: Call) -> Json:
    """Give the application, with its owner."""
    world = call.world
    servers = sum(server.bot_is_in for server in world.servers.values())
    return {
        "id": str(world.bot.id),
        "name": world.bot.name,
        "icon": None,
        "description": "",
        "type": None,
        "bot": world.bot.payload(),
        "bot_public": False,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": 0,
        "flags_new": "0",
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "owner": world.host.payload(),
        "team": None,
        "approximate_guild_count": servers,
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "eligible_oauth2_scopes": ["applications.commands", "bot"],
    }


def get_gateway(call: Call) -> Json:
    """Give the address of the gateway."""
    return {"url": call.world.gateway.url}


def get_gateway_for_bot(call: Call) -> Json:
    """Give the address of the gateway and how often the bot may still identify today."""
    gateway = call.world.gateway
    limit = {
        "total": 1000,
        "remaining": 1000 - gateway.identifies,
        "reset_after": 86_400_000,
        "max_concurrency": 1,
    }
    return {"url": gateway.url, "shards": 1, "session_start_limit": limit}


def open_conversation(call: Call) -> Json:
    """Open direct messages with somebody."""
    person = call.world.people.get(int(call.body["recipient_id"]))
    if person is None:
        raise Refusal(10013)
    return call.world.conversation(person).payload()


ROUTES: dict[str, Handler] = {
    "GET /gateway": get_gateway,
    "GET /gateway/bot": get_gateway_for_bot,
    "GET /users/@me": get_me,
    "GET /users/{user_id}": get_user,
    "POST /users/@me/channels": open_conversation,
    "GET /applications/@me": get_application,
    "GET /oauth2/applications/@me": get_application,
}
