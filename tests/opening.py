"""Open a server to its members without a bot: straight into its database."""

from __future__ import annotations

from storage import Database, Transaction, servers
from storage.records import Server


async def open_server(url: str, server_id: int) -> None:
    """Let every member render everywhere, unless something was set for the server before."""
    closed = Server(server_id=server_id)
    opened = Server(server_id=server_id, opened=True)

    async def open_it(tx: Transaction) -> None:
        if await servers.find(tx, server_id) == closed:
            await servers.put(tx, opened, author="Greta", at_ms=0, action="setup")

    async with Database.open(url) as database:
        await database.transaction(open_it)
