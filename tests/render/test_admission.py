"""What is let in, what is refused, and that a refusal leaves nothing behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PIL import Image

from render.admission import Admission, Admitted, Origin, Request
from render.errors import (
    FrameFault,
    FrameRefused,
    LastFrameAlone,
    LedgerUnavailable,
    ModelUnknown,
    NoModelOffered,
    OptionNotCarried,
    OverCeiling,
    Paused,
    PromptEmpty,
    QueueFull,
    Refusal,
    ServerNotAllowed,
    SettingTwice,
    TooManyAtOnce,
    ValueNotOffered,
)
from render.offers import Offers
from render.policy import Limits, host_accounts, member_account
from seedance import Client, Option
from storage import Database, Transaction, accounts, events, frames, ledger, renders, settings
from storage.records import (
    Cause,
    FrameRole,
    Pause,
    Render,
    Span,
    State,
    Subject,
)
from tests.render.offering import V1_5, V2_0
from tests.render.virtual_time import NOON_MS, VirtualClock

SERVER, MEMBER, CHANNEL = 111_111_111_111_111_111, 222_222_222_222_222_222, 333
WIDE = Limits(
    host_daily_credits=1_000_000,
    host_monthly_credits=1_000_000,
    member_daily_credits=1_000_000,
    renders_at_once=1000,
    queue_length=1000,
    undo=timedelta(seconds=5),
    time_zone=ZoneInfo("UTC"),
    allowed_servers=frozenset(),
)
ORIGIN = Origin(
    provider="cometapi", base_url="https://provider.example", key_fingerprint="fingerprint"
)
_interactions = count(444_444_444_444_444_444)


def request(**changes: object) -> Request:
    usual: dict[str, Any] = {
        "interaction_id": next(_interactions),
        "server_id": SERVER,
        "channel_id": CHANNEL,
        "member_id": MEMBER,
        "age_restricted": False,
        "prompt": "A paper boat drifts on a quiet lake",
    }
    return Request(**{**usual, **changes})


def picture(width: int = 400, height: int = 320) -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height), "red").save(out, "PNG")
    return out.getvalue()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncGenerator[Database]:
    async with Database.open(f"sqlite:///{tmp_path}/paperboat.db") as opened:
        yield opened


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
async def offers(clock: VirtualClock) -> AsyncGenerator[Offers]:
    """Offer two models: the first takes frames and a seed, the second neither."""
    async with aiohttp.ClientSession() as session:
        client = Client(session, base_url="http://127.0.0.1:9", key="sk-key")
        yield Offers(client, (V1_5, V2_0), clock)


Make = Callable[..., Admission]


@pytest.fixture
def make(database: Database, offers: Offers, clock: VirtualClock) -> Make:
    def make_admission(**limits: int | frozenset[int]) -> Admission:
        return Admission(database, offers, replace(WIDE, **limits), clock, ORIGIN)

    return make_admission


def price(offers: Offers, resolution: str = "720p", seconds: int = 5) -> int:
    assert offers.default
    return offers.default.credits(resolution, seconds)


async def kept(database: Database) -> tuple[Render, ...]:
    return await database.read(renders.unfinished)


async def nothing_is_left(database: Database) -> bool:
    """Say whether no render, account, line, event or frame is there."""

    async def look(tx: Transaction) -> bool:
        tables = ("renders", "accounts", "ledger", "events", "frames")
        return not any([await tx.fetch_all(f"select * from {table}") for table in tables])

    return await database.read(look)


async def balances(database: Database) -> bool:
    return await database.read(ledger.check) == ()


async def test_a_request_becomes_a_queued_render(
    make: Make, database: Database, offers: Offers
) -> None:
    asked = request(age_restricted=True)

    admitted = await make().admit(asked)

    render = admitted.render
    assert (await kept(database)) == (render,)
    assert not admitted.repeated
    assert not admitted.crops
    assert render.state is State.QUEUED
    assert (render.interaction_id, render.server_id) == (asked.interaction_id, SERVER)
    assert (render.channel_id, render.member_id, render.age_restricted) == (CHANNEL, MEMBER, True)
    assert (render.model, render.route, render.remote_id) == (V1_5, "tasks", V1_5)
    assert (render.duration_seconds, render.resolution, render.ratio) == (5, "720p", "16:9")
    assert (render.created_at_ms, render.state_at_ms) == (NOON_MS, NOON_MS)
    assert render.ready_at_ms == NOON_MS + 5000
    assert render.cost == price(offers)
    assert (render.provider, render.base_url) == (ORIGIN.provider, ORIGIN.base_url)
    assert render.key_fingerprint == ORIGIN.key_fingerprint


async def test_admission_holds_the_price_on_every_account_and_writes_it_down(
    make: Make, database: Database
) -> None:
    render = (await make().admit(request())).render

    held = await database.read(lambda tx: accounts.held_by(tx, render.id))
    lines = await database.read(lambda tx: ledger.of_render(tx, render.id))
    history = await database.read(lambda tx: events.of_render(tx, render.id))
    assert held == (
        (Subject.HOST, render.cost),
        (Subject.HOST, render.cost),
        (Subject.MEMBER, render.cost),
    )
    assert {line.author for line in lines} == {str(MEMBER)}
    assert [(event.from_state, event.to_state) for event in history] == [(None, State.QUEUED)]
    assert await balances(database)


async def test_settings_in_the_prompt_are_priced_and_an_option_beats_them(
    make: Make, offers: Offers
) -> None:
    prompt = "A boat --dur 10 --rs 480p --ratio 9:16 --seed 7"

    render = (await make().admit(request(prompt=prompt, duration_seconds=4))).render

    assert render.prompt == "A boat"
    assert (render.duration_seconds, render.resolution) == (4, "480p")
    assert (render.ratio, render.seed) == ("9:16", 7)
    assert render.cost == price(offers, "480p", 4)


async def test_frames_are_prepared_and_kept(make: Make, database: Database) -> None:
    asked = request(first_frame=picture(), last_frame=picture(500))

    admitted = await make().admit(asked)

    stored = await database.read(lambda tx: frames.of_render(tx, admitted.render.id))
    assert [(frame.role, frame.width) for frame in stored] == [
        (FrameRole.FIRST, 400),
        (FrameRole.LAST, 500),
    ]
    assert admitted.render.ratio == "adaptive"
    assert not admitted.crops


async def test_it_is_told_when_a_ratio_cuts_the_frame(make: Make) -> None:
    admitted = await make().admit(request(first_frame=picture(), ratio="21:9"))

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
    make: Make, database: Database, changes: dict[str, Any], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        await make().admit(request(**changes))

    assert await nothing_is_left(database)


async def test_a_refused_frame_says_which_and_why(make: Make) -> None:
    with pytest.raises(FrameRefused) as refusal:
        await make().admit(request(first_frame=picture(), last_frame=picture(310, 200)))

    assert refusal.value.role is FrameRole.LAST
    assert refusal.value.fault is FrameFault.TOO_SMALL


async def test_a_model_is_never_switched_silently(make: Make, offers: Offers) -> None:
    taken_away = offers.find(V1_5)
    assert taken_away
    offers.remove(taken_away)

    with pytest.raises(ModelUnknown) as refusal:
        await make().admit(request(model=V1_5))

    assert refusal.value.offered == (V2_0,)
    assert (await make().admit(request())).render.model == V2_0


@pytest.mark.parametrize("model", [None, V1_5])
async def test_without_any_model_every_request_is_refused(
    make: Make, offers: Offers, model: str | None
) -> None:
    for offer in offers.current:
        offers.remove(offer)

    with pytest.raises(NoModelOffered):
        await make().admit(request(model=model))


async def test_a_model_that_cannot_take_a_seed_names_those_that_can(make: Make) -> None:
    with pytest.raises(OptionNotCarried) as refusal:
        await make().admit(request(model=V2_0, seed=7))

    assert (refusal.value.option, refusal.value.carriers) == (Option.SEED, (V1_5,))


async def test_a_server_that_the_host_did_not_open_is_refused(make: Make) -> None:
    with pytest.raises(ServerNotAllowed):
        await make(allowed_servers=frozenset({1})).admit(request())

    assert await make(allowed_servers=frozenset({SERVER})).admit(request())


async def test_a_paused_server_is_refused_with_who_and_why(make: Make, database: Database) -> None:
    pause = Pause(server_id=SERVER, author_id=9, reason="calm down", at_ms=NOON_MS)
    await database.transaction(lambda tx: settings.pause(tx, pause))

    with pytest.raises(Paused) as refusal:
        await make().admit(request())

    assert refusal.value.pause == pause
    assert await kept(database) == ()
    assert await make().admit(request(server_id=SERVER + 1))


@pytest.mark.parametrize(
    ("limit", "subject", "span"),
    [
        ("host_daily_credits", Subject.HOST, Span.DAY),
        ("host_monthly_credits", Subject.HOST, Span.MONTH),
        ("member_daily_credits", Subject.MEMBER, Span.DAY),
    ],
)
async def test_a_ceiling_refuses_what_does_not_fit_and_says_what_would(
    make: Make, database: Database, offers: Offers, limit: str, subject: Subject, span: Span
) -> None:
    left = price(offers, seconds=7)

    with pytest.raises(OverCeiling) as refusal:
        await make(**{limit: left}).admit(request(duration_seconds=8))

    error = refusal.value
    assert (error.account.key.subject, error.account.key.span) == (subject, span)
    assert (error.account.ceiling, error.account.left) == (left, left)
    assert error.account.key.ends_at_ms > NOON_MS
    assert error.cost == price(offers, seconds=8)
    assert error.fitting_seconds == 7
    assert (error.clip_credits, error.clip_seconds) == (price(offers), 5)
    assert await nothing_is_left(database)


async def test_what_is_held_counts_against_a_ceiling(make: Make, offers: Offers) -> None:
    admission = make(member_daily_credits=price(offers) + 1)
    await admission.admit(request())

    with pytest.raises(OverCeiling) as refusal:
        await admission.admit(request(prompt="another"))

    assert refusal.value.account.left == 1
    assert refusal.value.fitting_seconds is None


async def test_a_new_day_is_a_new_allowance(
    make: Make, offers: Offers, clock: VirtualClock, database: Database
) -> None:
    admission = make(member_daily_credits=price(offers))
    await admission.admit(request())
    clock.advance(12 * 3600)

    assert await admission.admit(request())
    assert await balances(database)


async def test_a_member_has_only_so_many_under_way(make: Make, database: Database) -> None:
    admission = make(renders_at_once=1)
    await admission.admit(request())

    with pytest.raises(TooManyAtOnce) as refusal:
        await admission.admit(request(prompt="another"))

    assert refusal.value.limit == 1
    assert await admission.admit(request(member_id=MEMBER + 1))
    assert len(await kept(database)) == 2
    assert await balances(database)


async def test_a_server_has_only_so_many_waiting(make: Make) -> None:
    admission = make(queue_length=1)
    await admission.admit(request())

    with pytest.raises(QueueFull) as refusal:
        await admission.admit(request(member_id=MEMBER + 1))

    assert refusal.value.limit == 1
    assert await admission.admit(request(server_id=SERVER + 1))


async def test_the_same_interaction_twice_is_one_render(make: Make, database: Database) -> None:
    asked = request()
    first = await make().admit(asked)

    again = await make(renders_at_once=1).admit(replace(asked, prompt="something else"))

    assert again == Admitted(render=first.render, repeated=True, crops=False)
    assert len(await kept(database)) == 1


async def test_an_interaction_that_was_accepted_stays_so_when_the_queue_is_paused(
    make: Make, database: Database
) -> None:
    asked = request()
    await make().admit(asked)
    pause = Pause(server_id=SERVER, author_id=9, reason="", at_ms=NOON_MS)
    await database.transaction(lambda tx: settings.pause(tx, pause))

    assert (await make().admit(asked)).repeated


async def test_the_same_wish_within_five_seconds_is_one_render(
    make: Make, database: Database, clock: VirtualClock
) -> None:
    first = await make().admit(request(first_frame=picture()))
    clock.advance(4.9)

    again = await make().admit(request(first_frame=picture()))

    assert (again.render, again.repeated) == (first.render, True)
    assert len(await kept(database)) == 1
    held = await database.read(lambda tx: accounts.held_by(tx, first.render.id))
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
async def test_another_wish_is_another_render(
    make: Make, database: Database, changes: dict[str, Any]
) -> None:
    await make().admit(request())

    assert not (await make().admit(request(**changes))).repeated
    assert len(await kept(database)) == 2


async def test_the_same_wish_after_five_seconds_is_another_render(
    make: Make, clock: VirtualClock
) -> None:
    await make().admit(request())
    clock.advance(5.001)

    assert not (await make().admit(request())).repeated


async def test_a_wish_whose_render_was_cancelled_may_be_sent_again(
    make: Make, database: Database
) -> None:
    render = (await make().admit(request())).render
    await database.transaction(
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

    assert not (await make().admit(request())).repeated


async def test_a_database_that_cannot_answer_refuses(make: Make, database: Database) -> None:
    await database.close()

    with pytest.raises(LedgerUnavailable):
        await make().admit(request())
    with pytest.raises(LedgerUnavailable):
        await make().allowance(SERVER, MEMBER)


async def outcomes(crowd: list[Awaitable[Admitted]]) -> tuple[list[Admitted], list[BaseException]]:
    ended = await asyncio.gather(*crowd, return_exceptions=True)
    passed = [one for one in ended if isinstance(one, Admitted)]
    return passed, [one for one in ended if isinstance(one, BaseException)]


@pytest.mark.parametrize(
    ("limit", "refusal"),
    [
        ("host_daily_credits", OverCeiling),
        ("host_monthly_credits", OverCeiling),
        ("member_daily_credits", OverCeiling),
        ("renders_at_once", TooManyAtOnce),
        ("queue_length", QueueFull),
    ],
)
async def test_of_twenty_at_once_exactly_three_fit(
    make: Make, database: Database, offers: Offers, limit: str, refusal: type[Refusal]
) -> None:
    room = 3 * price(offers) + price(offers) - 1 if "credits" in limit else 3
    admission = make(**{limit: room})

    passed, refused = await outcomes(
        [admission.admit(request(prompt=f"boat {n}")) for n in range(20)]
    )

    assert len(passed) == 3
    assert {type(error) for error in refused} == {refusal}
    assert {render.id for render in await kept(database)} == {one.render.id for one in passed}
    assert await balances(database)


async def test_of_twenty_equal_wishes_at_once_one_is_kept(make: Make, database: Database) -> None:
    admission = make()

    passed, refused = await outcomes([admission.admit(request()) for _ in range(20)])

    assert refused == []
    assert len({one.render.id for one in passed}) == 1
    assert [one.repeated for one in passed].count(False) == 1
    assert len(await kept(database)) == 1
    assert await balances(database)


@hypothesis_settings(max_examples=20, deadline=None)
@given(
    wishes=st.lists(
        st.tuples(
            st.integers(0, 2), st.integers(3, 13), st.sampled_from(["480p", "720p", "1080p"])
        ),
        min_size=1,
        max_size=8,
    ),
    host=st.integers(0, 400),
    member=st.integers(0, 200),
)
def test_no_ceiling_is_ever_passed_and_the_ledger_balances(
    tmp_path_factory: pytest.TempPathFactory,
    wishes: list[tuple[int, int, str]],
    host: int,
    member: int,
) -> None:
    async def play() -> None:
        clock = VirtualClock()
        limits = replace(WIDE, host_daily_credits=host, member_daily_credits=member)
        url = f"sqlite:///{tmp_path_factory.mktemp('ledger')}/paperboat.db"
        async with Database.open(url) as database, aiohttp.ClientSession() as session:
            client = Client(session, base_url="http://127.0.0.1:9", key="sk-key")
            admission = Admission(database, Offers(client, (V1_5,), clock), limits, clock, ORIGIN)
            await outcomes(
                [
                    admission.admit(
                        request(
                            prompt=f"boat {number}",
                            member_id=who,
                            duration_seconds=seconds,
                            resolution=resolution,
                        )
                    )
                    for number, (who, seconds, resolution) in enumerate(wishes)
                ]
            )
            rendered = await kept(database)
            assert sum(render.cost for render in rendered) <= host
            for who in range(3):
                key, ceiling = member_account(limits, NOON_MS, server_id=SERVER, member_id=who)
                account = await database.read(
                    lambda tx, k=key, c=ceiling: accounts.balance(tx, k, c)
                )
                assert account.held == sum(r.cost for r in rendered if r.member_id == who) <= member
            (day, ceiling), _ = host_accounts(limits, NOON_MS)
            account = await database.read(lambda tx: accounts.balance(tx, day, ceiling))
            assert account.held == sum(render.cost for render in rendered)
            assert await balances(database)

    asyncio.run(play())


async def test_the_allowance_shows_what_is_left_and_what_is_under_way(
    make: Make, offers: Offers
) -> None:
    admission = make(member_daily_credits=200)
    mine = (await admission.admit(request())).render
    await admission.admit(request(member_id=MEMBER + 1))
    await admission.admit(request(server_id=SERVER + 1))

    allowance = await admission.allowance(SERVER, MEMBER)

    assert allowance.account.held == mine.cost
    assert allowance.account.left == 200 - mine.cost
    assert (allowance.clip_credits, allowance.clip_seconds) == (price(offers), 5)
    assert allowance.under_way == (mine,)


async def test_the_allowance_without_a_model_knows_no_clips(make: Make, offers: Offers) -> None:
    for offer in offers.current:
        offers.remove(offer)

    allowance = await make().allowance(SERVER, MEMBER)

    assert (allowance.clip_credits, allowance.clip_seconds) == (0, 0)
    assert allowance.account.left == WIDE.member_daily_credits
