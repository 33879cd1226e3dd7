"""The REST API: what each request does."""

from __future__ import annotations

from sandbox.discord.rest import accounts, channels, commands, interactions, messages, servers
from sandbox.discord.rest.call import Call, Handler

ROUTES: dict[str, Handler] = (
    accounts.ROUTES
    | servers.ROUTES
    | channels.ROUTES
    | messages.ROUTES
    | commands.ROUTES
    | interactions.ROUTES
)

__all__ = ["ROUTES", "Call", "Handler"]
