"""Keep what is set for a server."""

from __future__ import annotations

from dataclasses import replace

import pytest

from storage import Database, Transaction, events, servers, settings
from storage.records import Event, Server
from tests.storage.examples import NOW_MS, SERVER

SET = Server(
    server_id=SERVER,
    opened=True,
    time_zone="Europe/Berlin",
    channel_ids=frozenset({3, 2}),
    role_ids=frozenset({5}),
    staff_channel_id=7,
    audit_channel_id=8,
    given_daily_credits=2000,
)


async def put(database: Database, server: Server, action: str = "setup") -> None:
    await database.transaction(
        lambda tx: servers.put(tx, server, author="9", at_ms=NOW_MS, action=action)
    )


async def acts(database: Database) -> tuple[Event, ...]:
    return await database.read(lambda tx: events.acts(tx, server_id=SERVER, after_id=0, limit=9))


async def test_a_server_that_was_never_set_up_is_closed(database: Database) -> None:
    server = await database.read(lambda tx: servers.find(tx, SERVER))
    assert server == Server(server_id=SERVER)
    assert not server.opened


async def test_a_server_comes_back_as_it_was_put(database: Database) -> None:
    for server in (SET, replace(SET, time_zone=None, channel_ids=frozenset())):
        await put(database, server)
        assert await database.read(lambda tx: servers.find(tx, SERVER)) == server
    assert not (await database.read(lambda tx: servers.find(tx, SERVER + 1))).opened


async def test_an_act_names_only_what_changed(database: Database) -> None:
    await put(database, SET)
    changed = replace(SET, time_zone=None, channel_ids=frozenset({4, 2}))
    await put(database, changed, "zone")
    _, act = await acts(database)
    assert act == Event(
        render_id=None,
        at_ms=NOW_MS,
        author="9",
        why="zone",
        server_id=SERVER,
        action="zone",
        target="server",
        old_value="time_zone=Europe/Berlin, channel_ids=[2,3]",
        new_value="time_zone=, channel_ids=[2,4]",
    )


async def test_the_same_again_is_no_act(database: Database) -> None:
    for server in (Server(server_id=SERVER), SET, SET):
        await put(database, server)
    assert len(await acts(database)) == 1


@pytest.mark.parametrize("given", [-1, 2**63])
async def test_a_gift_that_makes_no_sense_changes_nothing(database: Database, given: int) -> None:
    with pytest.raises(ValueError, match=str(given)):
        await put(database, replace(SET, given_daily_credits=given))
    assert await database.read(lambda tx: servers.find(tx, SERVER)) == Server(server_id=SERVER)


async def test_servers_with_acts_that_their_channel_did_not_show_are_found(
    database: Database,
) -> None:
    staff = replace(SET, server_id=1, audit_channel_id=None)
    audit = replace(SET, server_id=2, staff_channel_id=None)
    neither = replace(staff, server_id=3, staff_channel_id=None)
    for server in (neither, audit, staff):
        await put(database, server)
    assert await database.read(behind) == (staff, audit)
    last = await database.read(lambda tx: events.last_act(tx, 1))
    await database.transaction(lambda tx: settings.put(tx, "shown 1", str(last)))
    assert await database.read(behind) == (audit,)


async def behind(tx: Transaction) -> tuple[Server, ...]:
    return await servers.with_new_acts(tx, shown="shown ")
