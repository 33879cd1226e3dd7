from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from storage import Database, StorageError, events, renders
from storage.records import Cause, Event, Render, State
from tests.storage.examples import MEMBER, NOW_MS, SERVER, render

FULL = render(
    age_restricted=True,
    state=State.FAILED,
    seed=-1,
    audio=True,
    settled=0,
    attempts=1,
    body_digest="body",
    submitted_at_ms=NOW_MS + 1,
    task_id="task",
    late_at_ms=NOW_MS + 2,
    video_url="https://provider.example/video.mp4",
    video_expires_at_ms=NOW_MS + 3,
    spool_name="K7F2M9QA.mp4",
    cause=Cause.VIDEO_MISSING,
    detail="gone",
    told_at_ms=NOW_MS + 4,
)


async def keep(database: Database, *made: Render) -> None:
    for one in made:
        await database.transaction(lambda tx, m=one: renders.insert(tx, m))


def ids_of(found: tuple[Render, ...]) -> list[str]:
    return [one.id for one in found]


# Keeping and finding


@pytest.mark.parametrize("made", [render(), FULL, render(audio=False, seed=2**32 - 1)])
async def test_a_render_comes_back_as_it_was_kept(database: Database, made: Render) -> None:
    assert await database.transaction(lambda tx: renders.insert(tx, made)) == made
    found = await database.read(lambda tx: renders.find(tx, made.id))
    assert found == made
    assert found is not None
    assert (type(found.state), type(found.age_restricted)) == (State, bool)


async def test_a_new_render_has_its_first_event(database: Database) -> None:
    made = render()
    await keep(database, made)
    assert await database.read(lambda tx: events.of_render(tx, made.id)) == (
        Event(
            render_id=made.id,
            at_ms=NOW_MS,
            from_state=None,
            to_state=State.QUEUED,
            author=str(MEMBER),
            why="asked for",
        ),
    )


async def test_what_is_not_there_is_not_found(database: Database) -> None:
    assert await database.read(lambda tx: renders.find(tx, "K7F2M9QA")) is None
    assert await database.read(lambda tx: renders.find_by_interaction(tx, 1)) is None


async def test_the_same_interaction_twice_gives_the_same_render(database: Database) -> None:
    first = render()
    second = render(interaction_id=first.interaction_id)
    assert await database.transaction(lambda tx: renders.insert(tx, first)) == first
    assert await database.transaction(lambda tx: renders.insert(tx, second)) == first
    assert await database.read(lambda tx: renders.find(tx, second.id)) is None
    interaction = first.interaction_id
    assert await database.read(lambda tx: renders.find_by_interaction(tx, interaction)) == first
    assert len(await database.read(lambda tx: events.of_render(tx, first.id))) == 1


async def test_the_same_interaction_many_times_at_once_gives_one_render(
    database: Database,
) -> None:
    twins = [render(interaction_id=5) for _ in range(20)]
    kept = await asyncio.gather(
        *(database.transaction(lambda tx, m=made: renders.insert(tx, m)) for made in twins)
    )
    assert len(set(ids_of(tuple(kept)))) == 1
    assert len(await database.read(renders.unfinished)) == 1


@pytest.mark.parametrize(
    "changes",
    [{"id": "short"}, {"cost": 0}, {"cost": -1}, {"duration_seconds": 0}, {"seed": 2**63}],
    ids=str,
)
async def test_a_render_that_makes_no_sense_is_not_kept(
    database: Database, changes: dict[str, object]
) -> None:
    with pytest.raises(StorageError):
        await keep(database, render(**changes))
    assert await database.read(renders.unfinished) == ()


async def test_a_twin_has_the_same_server_member_and_input_and_is_recent(
    database: Database,
) -> None:
    made = render()
    await keep(
        database,
        replace(made, interaction_id=1, id="00000001", created_at_ms=NOW_MS - 5000),
        replace(made, interaction_id=2, id="00000002", server_id=SERVER + 1),
        replace(made, interaction_id=3, id="00000003", member_id=MEMBER + 1),
        replace(made, interaction_id=4, id="00000004", request_digest="other"),
    )

    async def twin(since_ms: int) -> Render | None:
        return await database.read(
            lambda tx: renders.recent_twin(
                tx,
                server_id=SERVER,
                member_id=MEMBER,
                request_digest="digest",
                since_ms=since_ms,
            )
        )

    assert await twin(NOW_MS - 4999) is None
    found = await twin(NOW_MS - 5000)
    assert found is not None
    assert found.id == "00000001"
    await keep(database, made)
    assert await twin(NOW_MS - 5000) == made


@pytest.mark.parametrize("state", [State.CANCELLED, State.FAILED])
async def test_a_render_that_ended_without_a_video_is_no_twin(
    database: Database, state: State
) -> None:
    await keep(database, render(state=state))
    found = await database.read(
        lambda tx: renders.recent_twin(
            tx, server_id=SERVER, member_id=MEMBER, request_digest="digest", since_ms=0
        )
    )
    assert found is None


# Moving


async def test_a_move_changes_the_state_and_what_goes_with_it(database: Database) -> None:
    made = render()
    await keep(database, made)
    moved = await database.transaction(
        lambda tx: renders.move(
            tx,
            made.id,
            expected=State.QUEUED,
            to=State.SUBMITTING,
            at_ms=NOW_MS + 9,
            author="engine",
            why="claimed",
            attempts=1,
            body_digest="body",
            submitted_at_ms=NOW_MS + 9,
        )
    )
    assert moved == replace(
        made,
        state=State.SUBMITTING,
        state_at_ms=NOW_MS + 9,
        attempts=1,
        body_digest="body",
        submitted_at_ms=NOW_MS + 9,
    )
    assert await database.read(lambda tx: renders.find(tx, made.id)) == moved
    history = await database.read(lambda tx: events.of_render(tx, made.id))
    assert history[-1] == Event(
        render_id=made.id,
        at_ms=NOW_MS + 9,
        from_state=State.QUEUED,
        to_state=State.SUBMITTING,
        author="engine",
        why="claimed",
    )


async def test_a_move_matches_nothing_when_somebody_else_moved_it(database: Database) -> None:
    made = render()
    await keep(database, made)

    async def cancel(author: str) -> Render | None:
        return await database.transaction(
            lambda tx: renders.move(
                tx,
                made.id,
                expected=State.QUEUED,
                to=State.CANCELLED,
                at_ms=NOW_MS,
                author=author,
                why="cancelled",
                cause=Cause.CANCELLED_BY_MEMBER,
            )
        )

    ends = await asyncio.gather(*(cancel(str(number)) for number in range(10)))
    assert [end is not None for end in ends].count(True) == 1
    assert len(await database.read(lambda tx: events.of_render(tx, made.id))) == 2


async def test_a_move_from_one_of_several_states_records_from_which(database: Database) -> None:
    made = render(state=State.RENDERING)
    await keep(database, made)
    moved = await database.transaction(
        lambda tx: renders.move(
            tx,
            made.id,
            expected=frozenset({State.UNKNOWN, State.RENDERING}),
            to=State.FAILED,
            at_ms=NOW_MS,
            author="engine",
            why="failed",
            cause=Cause.PROVIDER_FAILED,
        )
    )
    assert moved is not None
    assert moved.cause is Cause.PROVIDER_FAILED
    history = await database.read(lambda tx: events.of_render(tx, made.id))
    assert history[-1].from_state is State.RENDERING


async def test_an_amendment_changes_no_state_and_writes_no_event(database: Database) -> None:
    made = render(state=State.RENDERING)
    await keep(database, made)
    amended = await database.transaction(
        lambda tx: renders.amend(tx, made.id, expected=State.RENDERING, late_at_ms=NOW_MS)
    )
    assert amended == replace(made, late_at_ms=NOW_MS)
    assert len(await database.read(lambda tx: events.of_render(tx, made.id))) == 1


async def test_an_amendment_matches_nothing_elsewhere(database: Database) -> None:
    made = render(state=State.RENDERED)
    await keep(database, made)
    amended = await database.transaction(
        lambda tx: renders.amend(
            tx, made.id, expected=(State.RENDERING, State.UNKNOWN), late_at_ms=NOW_MS
        )
    )
    assert amended is None
    assert await database.read(lambda tx: renders.find(tx, made.id)) == made


async def test_only_columns_of_a_render_may_change(database: Database) -> None:
    made = render()
    await keep(database, made)
    with pytest.raises(TypeError, match="prompt = ''"):
        await database.transaction(
            lambda tx: renders.amend(tx, made.id, expected=State.QUEUED, **{"prompt = ''--": 1})  # pyright: ignore[reportArgumentType] - what is refused
        )
