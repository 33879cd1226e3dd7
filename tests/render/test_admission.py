"""What is let in, what is refused, and that a refusal leaves nothing behind."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from render.admission import Admitted
from render.breaker import Breaker, Trouble
from render.errors import (
    FrameFault,
    FrameRefused,
    LastFrameAlone,
    LedgerUnavailable,
    ModelUnknown,
    NoModelOffered,
    OptionNotCarried,
    Paused,
    PromptEmpty,
    Refusal,
    ServerNotAllowed,
    ServicePaused,
    SettingTwice,
    ValueNotOffered,
)
from seedance import Option, OutOfFunds
from storage import accounts, events, frames, ledger, renders, settings
from storage.records import Cause, FrameRole, Pause, State, Subject
from tests.render.gate import CHANNEL, MEMBER, ORIGIN, SERVER, Gate, opened, picture, request
from tests.render.offering import V1_5, V2_0
from tests.render.virtual_time import NOON_MS


@pytest.fixture
async def gate(tmp_path: Path) -> AsyncGenerator[Gate]:
    async with opened(tmp_path) as made:
        yield made


async def test_a_request_becomes_a_queued_render(gate: Gate) -> None:
    asked = request(age_restricted=True, parent_id=222)

    admitted = await gate.admission().admit(asked)

    render = admitted.render
    assert (await gate.kept()) == (render,)
    assert not admitted.repeated
    assert not admitted.crops
    assert render.state is State.QUEUED
    assert (render.interaction_id, render.server_id) == (asked.interaction_id, SERVER)
    assert render.parent_id == 222
    assert (render.channel_id, render.member_id, render.age_restricted) == (CHANNEL, MEMBER, True)
    assert (render.model, render.route, render.remote_id) == (V1_5, "tasks", V1_5)
    assert (render.duration_seconds, render.resolution, render.ratio) == (5, "720p", "16:9")
    assert (render.created_at_ms, render.state_at_ms) == (NOON_MS, NOON_MS)
    assert render.ready_at_ms == NOON_MS + 5000
    assert render.cost == gate.price()
    assert (render.provider, render.base_url) == (ORIGIN.provider, ORIGIN.base_url)
    assert render.key_fingerprint == ORIGIN.key_fingerprint


async def test_admission_holds_the_price_on_every_account_and_writes_it_down(gate: Gate) -> None:
    render = (await gate.admission().admit(request())).render

    held = await gate.database.read(lambda tx: accounts.held_by(tx, render.id))
    lines = await gate.database.read(lambda tx: ledger.of_render(tx, render.id))
    history = await gate.database.read(lambda tx: events.of_render(tx, render.id))
    assert held == (
        (Subject.HOST, render.cost),
        (Subject.SERVER, render.cost),
        (Subject.MEMBER, render.cost),
    )
    assert {line.author for line in lines} == {str(MEMBER)}
    assert [(event.from_state, event.to_state) for event in history] == [(None, State.QUEUED)]
    assert await gate.balances()


async def test_settings_in_the_prompt_are_priced_and_an_option_beats_them(gate: Gate) -> None:
    prompt = "A boat --dur 10 --rs 480p --ratio 9:16 --seed 7"

    render = (await gate.admission().admit(request(prompt=prompt, duration_seconds=4))).render

    assert render.prompt == "A boat"
    assert (render.duration_seconds, render.resolution) == (4, "480p")
    assert (render.ratio, render.seed) == ("9:16", 7)
    assert render.cost == gate.price(4, "480p")


async def test_frames_are_prepared_and_kept(gate: Gate) -> None:
    asked = request(first_frame=picture(), last_frame=picture(500, 400))

    admitted = await gate.admission().admit(asked)

    stored = await gate.database.read(lambda tx: frames.of_render(tx, admitted.render.id))
    assert [(frame.role, frame.width) for frame in stored] == [
        (FrameRole.FIRST, 400),
        (FrameRole.LAST, 500),
    ]
    assert admitted.render.ratio == "adaptive"
    assert not admitted.crops


async def test_it_is_told_when_a_ratio_cuts_the_frame(gate: Gate) -> None:
    admitted = await gate.admission().admit(request(first_frame=picture(), ratio="21:9"))

    assert admitted.crops


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"prompt": " --dur 5"}, PromptEmpty),
        ({"prompt": "boat --dur 5 --dur 6"}, SettingTwice),
        ({"prompt": "boat --dur 60"}, ValueNotOffered),
        ({"duration_seconds": 60}, ValueNotOffered),
        ({"ratio": "5:4"}, ValueNotOffered),
        ({"resolution": "4k"}, ValueNotOffered),
        ({"seed": -7}, ValueNotOffered),
        ({"audio": True}, OptionNotCarried),
        ({"model": V2_0, "seed": 7}, OptionNotCarried),
        ({"model": V2_0, "first_frame": b"x"}, OptionNotCarried),
        ({"model": V2_0, "prompt": "boat --seed 7"}, OptionNotCarried),
        ({"model": "sora"}, ModelUnknown),
        ({"last_frame": b"x"}, LastFrameAlone),
        ({"first_frame": b"no picture"}, FrameRefused),
    ],
)
async def test_what_cannot_be_rendered_is_refused_and_leaves_nothing(
    gate: Gate, changes: dict[str, Any], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        await gate.admission().admit(request(**changes))

    assert await gate.is_empty()


async def test_a_refused_frame_says_which_and_why(gate: Gate) -> None:
    with pytest.raises(FrameRefused) as refusal:
        await gate.admission().admit(request(first_frame=picture(), last_frame=picture(310, 200)))

    assert refusal.value.role is FrameRole.LAST
    assert refusal.value.fault is FrameFault.TOO_SMALL


async def test_a_model_is_never_switched_silently(gate: Gate) -> None:
    taken_away = gate.offers.find(V1_5)
    assert taken_away
    gate.offers.remove(taken_away)

    with pytest.raises(ModelUnknown) as refusal:
        await gate.admission().admit(request(model=V1_5))

    assert refusal.value.offered == (V2_0,)
    assert (await gate.admission().admit(request())).render.model == V2_0


@pytest.mark.parametrize("model", [None, V1_5])
async def test_without_any_model_every_request_is_refused(gate: Gate, model: str | None) -> None:
    for offer in gate.offers.current:
        gate.offers.remove(offer)

    with pytest.raises(NoModelOffered):
        await gate.admission().admit(request(model=model))


async def test_a_model_that_cannot_take_a_seed_names_those_that_can(gate: Gate) -> None:
    with pytest.raises(OptionNotCarried) as refusal:
        await gate.admission().admit(request(model=V2_0, seed=7))

    assert (refusal.value.option, refusal.value.carriers) == (Option.SEED, (V1_5,))


async def test_a_server_that_the_host_did_not_open_is_refused(gate: Gate) -> None:
    with pytest.raises(ServerNotAllowed):
        await gate.admission(allowed_servers=frozenset({1})).admit(request())

    assert await gate.admission(allowed_servers=frozenset({SERVER})).admit(request())


async def test_a_paused_server_is_refused_with_who_and_why(gate: Gate) -> None:
    pause = Pause(server_id=SERVER, author_id=9, reason="calm down", at_ms=NOON_MS)
    await gate.database.transaction(lambda tx: settings.pause(tx, pause))

    with pytest.raises(Paused) as refusal:
        await gate.admission().admit(request())

    assert refusal.value.pause == pause
    assert await gate.kept() == ()
    assert await gate.admission().admit(request(server_id=SERVER + 1))


async def test_a_long_pause_refuses_and_holds_nothing(gate: Gate) -> None:
    waiting = (await gate.admission().admit(request())).render
    breaker = Breaker(
        database=gate.database, alerts=gate.alerts, clock=gate.clock, jitter=lambda: 1.0
    )

    async def try_in_vain() -> None:
        tried = replace(waiting, submitted_at_ms=gate.clock.now_ms())
        await gate.database.transaction(lambda tx: breaker.note(tx, tried, OutOfFunds()))

    await try_in_vain()
    gate.clock.advance(599)
    await try_in_vain()
    accepted = (await gate.admission().admit(request())).render
    gate.clock.advance(1)

    with pytest.raises(ServicePaused) as refusal:
        await gate.admission().admit(request())

    assert refusal.value.reason is Trouble.OUT_OF_FUNDS
    assert refusal.value.since_ms == NOON_MS
    assert await gate.kept() == (waiting, accepted)
    assert await gate.balances()


async def test_the_same_interaction_twice_is_one_render(gate: Gate) -> None:
    asked = request()
    first = await gate.admission().admit(asked)

    again = await gate.admission(renders_at_once=1).admit(replace(asked, prompt="something else"))

    assert again == Admitted(render=first.render, repeated=True, crops=False)
    assert len(await gate.kept()) == 1


async def test_an_interaction_that_was_accepted_stays_so_when_the_queue_is_paused(
    gate: Gate,
) -> None:
    asked = request()
    await gate.admission().admit(asked)
    pause = Pause(server_id=SERVER, author_id=9, reason="", at_ms=NOON_MS)
    await gate.database.transaction(lambda tx: settings.pause(tx, pause))

    assert (await gate.admission().admit(asked)).repeated


async def test_the_same_wish_within_five_seconds_is_one_render(gate: Gate) -> None:
    first = await gate.admission().admit(request(first_frame=picture()))
    gate.clock.advance(4.9)

    again = await gate.admission().admit(request(first_frame=picture()))

    assert (again.render, again.repeated) == (first.render, True)
    assert len(await gate.kept()) == 1
    held = await gate.database.read(lambda tx: accounts.held_by(tx, first.render.id))
    assert len(held) == 3


@pytest.mark.parametrize(
    "changes",
    [
        {"prompt": "something else"},
        {"seed": 7},
        {"duration_seconds": 6},
        {"ratio": "1:1"},
        {"resolution": "480p"},
        {"model": V2_0},
        {"first_frame": picture()},
        {"member_id": MEMBER + 1},
        {"server_id": SERVER + 1},
    ],
)
async def test_another_wish_is_another_render(gate: Gate, changes: dict[str, Any]) -> None:
    await gate.admission().admit(request())

    assert not (await gate.admission().admit(request(**changes))).repeated
    assert len(await gate.kept()) == 2


async def test_the_same_wish_after_five_seconds_is_another_render(gate: Gate) -> None:
    await gate.admission().admit(request())
    gate.clock.advance(5.001)

    assert not (await gate.admission().admit(request())).repeated


async def test_a_wish_whose_render_was_cancelled_may_be_sent_again(gate: Gate) -> None:
    render = (await gate.admission().admit(request())).render
    await gate.database.transaction(
        lambda tx: renders.move(
            tx,
            render.id,
            expected=State.QUEUED,
            to=State.CANCELLED,
            at_ms=NOON_MS,
            author=str(MEMBER),
            why="cancelled",
            cause=Cause.CANCELLED_BY_MEMBER,
        )
    )

    assert not (await gate.admission().admit(request())).repeated


async def test_a_database_that_cannot_answer_refuses(gate: Gate) -> None:
    await gate.database.close()

    with pytest.raises(LedgerUnavailable):
        await gate.admission().admit(request())
    with pytest.raises(LedgerUnavailable):
        await gate.admission().allowance(SERVER, MEMBER, ())
