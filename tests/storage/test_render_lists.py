from __future__ import annotations

import pytest

from storage import Database, queue, renders, settings
from storage.records import FINAL_STATES, Pause, Render, State
from tests.storage.examples import CHANNEL, MEMBER, NOW_MS, SERVER, render


async def keep(database: Database, *made: Render) -> None:
    for one in made:
        await database.transaction(lambda tx, m=one: renders.insert(tx, m))


def ids_of(found: tuple[Render, ...]) -> list[str]:
    return [one.id for one in found]


# Lists


@pytest.fixture
async def one_of_each(database: Database) -> dict[State, Render]:
    made = {state: render(state=state) for state in State}
    await keep(database, *made.values())
    return made


async def test_unfinished_are_all_that_are_not_final(
    database: Database, one_of_each: dict[State, Render]
) -> None:
    found = await database.read(renders.unfinished)
    assert {one.state for one in found} == set(State) - FINAL_STATES
    assert len(found) == len(one_of_each) - len(FINAL_STATES)


async def test_renders_are_found_by_state_the_oldest_first(database: Database) -> None:
    young = render(state=State.RENDERING, created_at_ms=NOW_MS + 1)
    old = render(state=State.UNKNOWN)
    await keep(database, young, old, render())
    found = await database.read(
        lambda tx: renders.in_states(tx, State.RENDERING, State.UNKNOWN, State.RENDERED)
    )
    assert found == (old, young)


async def test_untold_are_those_that_ended_without_a_video_and_without_word(
    database: Database, one_of_each: dict[State, Render]
) -> None:
    await keep(database, render(state=State.FAILED, told_at_ms=NOW_MS))
    found = await database.read(renders.untold)
    assert set(ids_of(found)) == {
        one_of_each[State.FAILED].id,
        one_of_each[State.CANCELLED].id,
    }


async def test_what_ended_lately_is_found_whatever_the_end(
    database: Database, one_of_each: dict[State, Render]
) -> None:
    found = await database.read(lambda tx: renders.ended_since(tx, NOW_MS))
    assert set(ids_of(found)) == {one_of_each[state].id for state in FINAL_STATES}
    assert await database.read(lambda tx: renders.ended_since(tx, NOW_MS + 1)) == ()


async def test_in_line_is_what_is_queued_where_no_pause_is(database: Database) -> None:
    old, young = render(created_at_ms=NOW_MS - 1), render()
    elsewhere = render(server_id=SERVER + 1)
    await keep(database, young, old, elsewhere, render(state=State.RENDERING))
    pause = Pause(server_id=SERVER + 1, author_id=1, reason="", at_ms=NOW_MS)
    await database.transaction(lambda tx: settings.pause(tx, pause))
    assert await database.read(queue.in_line) == (old, young)


async def test_a_members_renders_come_newest_first_in_pages(database: Database) -> None:
    mine = [render(created_at_ms=NOW_MS + number) for number in range(5)]
    await keep(database, *mine, render(member_id=MEMBER + 1), render(server_id=SERVER + 1))

    async def page(offset: int) -> list[str]:
        return ids_of(
            await database.read(
                lambda tx: renders.of_member(
                    tx, server_id=SERVER, member_id=MEMBER, limit=3, offset=offset
                )
            )
        )

    newest_first = [made.id for made in reversed(mine)]
    assert await page(0) == newest_first[:3]
    assert await page(3) == newest_first[3:]


@pytest.mark.parametrize(
    ("prefix", "found"),
    [
        ("", ["K7F2M9QB", "K7F2M9QA"]),
        ("k7f2-m9qa", ["K7F2M9QA"]),
        ("K7F", ["K7F2M9QB", "K7F2M9QA"]),
        ("7F", []),
        ("%", []),
        ("_7", []),
    ],
)
async def test_renders_are_found_by_how_their_ids_begin(
    database: Database, prefix: str, found: list[str]
) -> None:
    await keep(
        database,
        render(id="K7F2M9QA"),
        render(id="K7F2M9QB", created_at_ms=NOW_MS + 1),
        render(id="K7F2M9QC", server_id=SERVER + 1),
    )
    mine = await database.read(
        lambda tx: renders.of_member(tx, server_id=SERVER, member_id=MEMBER, prefix=prefix)
    )
    of_all = await database.read(
        lambda tx: renders.starting_with(tx, server_id=SERVER, prefix=prefix, limit=25)
    )
    assert ids_of(mine) == ids_of(of_all) == found


async def test_a_servers_renders_are_found_by_state(
    database: Database, one_of_each: dict[State, Render]
) -> None:
    await keep(database, render(server_id=SERVER + 1, channel_id=CHANNEL + 1))
    found = await database.read(
        lambda tx: renders.of_server(tx, server_id=SERVER, states={State.QUEUED, State.RENDERING})
    )
    assert set(ids_of(found)) == {
        one_of_each[State.QUEUED].id,
        one_of_each[State.RENDERING].id,
    }


# Counts


async def test_slots_are_taken_by_what_is_with_the_provider_and_not_late(
    database: Database, one_of_each: dict[State, Render]
) -> None:
    assert one_of_each
    await keep(database, render(state=State.RENDERING, late_at_ms=NOW_MS))
    assert await database.read(queue.at_provider) == 2


async def test_under_way_is_what_something_is_still_done_for(
    database: Database, one_of_each: dict[State, Render]
) -> None:
    assert one_of_each
    await keep(
        database,
        render(state=State.RENDERING, late_at_ms=NOW_MS),
        render(member_id=MEMBER + 1),
        render(server_id=SERVER + 1),
    )
    # Awaiting approval, queued, submitting, rendering, rendered.
    assert await database.read(lambda tx: renders.under_way(tx, SERVER, MEMBER)) == 5


async def test_the_queue_is_as_long_as_a_servers_queued_renders(
    database: Database, one_of_each: dict[State, Render]
) -> None:
    assert one_of_each
    await keep(database, render(member_id=MEMBER + 1), render(server_id=SERVER + 1))
    assert await database.read(lambda tx: queue.length(tx, SERVER)) == 2
