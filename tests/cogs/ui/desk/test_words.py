"""The desk has words for all that can be done and happen, and they fit whatever they hold."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cogs.ui.desk import case, forms, listing
from cogs.ui.desk.case import Case
from cogs.ui.desk.listing import Listing
from cogs.ui.desk.marks import TEMPLATE, Filter, Mark, Query, Verb
from cogs.ui.text import desk_acts, desk_case, desk_list
from cogs.ui.text.acts import act as audit_line
from cogs.ui.text.declines import declined
from render.acts import HOSTS_ONLY, SPENDS_OR_DESTROYS, Act, Overtaken, acts_on
from render.breaker import Outage, Trouble
from render.line import Wait
from render.transitions import TRANSITIONS
from storage.desk import Totals
from storage.records import (
    Event,
    Frame,
    FrameRole,
    Message,
    Pause,
    Purpose,
    Render,
    Review,
    Span,
    State,
    Subject,
)
from storage.reports import Report
from tests.cogs.examples import BORN_MS, SERVER_ID, account, render
from tests.cogs.ui.desk.declined import every_decline_at_the_desk
from tests.cogs.wallets import window

LONGEST_ID = 2**63 - 1
WORST = Query(filter=Filter.UNDELIVERED, member_id=LONGEST_ID, page=999_999)
NAMES = Frame(role=FrameRole.FIRST, media_type="image/png", width=1, height=1, data=b"")


def event(action: str = "", **changes: object) -> Event:
    values: dict[str, object] = {"at_ms": BORN_MS, "author": str(LONGEST_ID), "why": "*" * 300}
    return Event(render_id="7KQ2M9XA", action=action, **{**values, **changes})  # pyright: ignore[reportArgumentType]  # any field


def message(number: int, purpose: Purpose) -> Message:
    return Message(
        render_id="7KQ2M9XA",
        number=number,
        purpose=purpose,
        channel_id=LONGEST_ID,
        attempted_at_ms=BORN_MS,
        message_id=LONGEST_ID - number,
    )


def worst_render(**changes: object) -> Render:
    return render(
        server_id=LONGEST_ID,
        channel_id=LONGEST_ID,
        member_id=LONGEST_ID,
        cost=99_999_999,
        prompt="`" * 2000,
        task_id="x" * 128,
        **changes,
    )


def test_a_day_by_the_hosts_clock_is_told_from_the_servers_own() -> None:
    own = window(Subject.SERVER, Span.DAY, ceiling=300, left=280)
    month = window(Subject.SERVER, Span.MONTH, ceiling=2_000, left=100)
    hosts = window(Subject.SERVER, Span.DAY, ceiling=500, left=450)
    assert desk_list.spend((own, month, hosts)) == (
        "Used: 20 of 300 credits today, 1,900 of 2,000 credits this month,"
        " 50 of 500 credits today by the clock of the bot's host."
    )


def test_every_act_has_a_button_words_and_an_audit_line() -> None:
    for words in (desk_acts.LABELS, desk_acts.DID):
        assert set(words) == set(Act)
    for act in Act:
        assert desk_acts.done(act, render(), by_id=7, cancelled=["A"]).endswith(".")
        line = audit_line(event(act, target="member:7", new_value="5", server_id=SERVER_ID))
        assert f"<@{LONGEST_ID}>" in line
        assert "changed what is set" not in line


def test_what_spends_or_destroys_is_asked_first() -> None:
    assert set(desk_acts.TITLES) | set(desk_acts.YES) == SPENDS_OR_DESTROYS
    assert HOSTS_ONLY <= SPENDS_OR_DESTROYS


def test_every_act_applies_to_some_state_and_none_to_what_is_on_its_way() -> None:
    offered = {
        act
        for state in State
        for parked in (None, 1)
        for act in acts_on(render(state=state, parked_at_ms=parked, settled=5), host=True)
    }
    assert offered == set(Act)
    for state in (State.SUBMITTING, State.RENDERING, State.RENDERED, State.CANCELLED, State.FAILED):
        assert acts_on(render(state=state), host=True) == ()


def test_every_step_of_a_render_has_words() -> None:
    steps = {(start, end) for start, ends in TRANSITIONS.items() for end in ends}
    late = (State.RENDERING, State.RENDERING)
    begun = {(None, State.QUEUED), (None, State.AWAITING_APPROVAL)}
    assert set(desk_case.STEPS) == steps | begun | {late}
    assert set(desk_case.WHY_REVIEWED) == set(Review)


def test_every_filter_has_words() -> None:
    assert set(desk_list.FILTERS) == set(Filter)


@pytest.mark.parametrize("verb", Verb)
@pytest.mark.parametrize("act", [None, *Act])
def test_a_mark_is_read_as_it_was_written_and_fits(verb: Verb, act: Act | None) -> None:
    mark = Mark(verb=verb, query=WORST, render_id="7KQ2M9XA", act=act)
    assert len(mark.custom_id) <= 100
    match = TEMPLATE.match(mark.custom_id)
    assert match
    assert Mark.read(match) == mark


@pytest.mark.parametrize(
    "custom_id", ["desk:open", "desk:open:all..", "desk:open:most..0", "desk:burn:all..0", "desk:"]
)
def test_a_foreign_mark_is_not_read(custom_id: str) -> None:
    assert TEMPLATE.match(custom_id) is None


def the_case(shown: Render, events: int = 60, **changes: object) -> Case:
    first = event(from_state=None, to_state=State.QUEUED)
    acts = [event(Act.CANCEL, at_ms=BORN_MS + 1 + number) for number in range(events)]
    values: dict[str, object] = {
        "render": shown,
        "wait": Wait(),
        "events": (first, *acts),
        "messages": tuple(message(number, purpose) for number, purpose in enumerate(Purpose)),
        "pictures": (NAMES,),
    }
    return Case(**{**values, **changes})  # pyright: ignore[reportArgumentType]  # any field


@pytest.mark.parametrize("state", State)
def test_a_case_fits_with_the_longest_prompt_and_history(state: State) -> None:
    shown = worst_render(
        state=state, taken_down_at_ms=1, taken_down_by=LONGEST_ID, taken_down_why="*" * 300
    )
    notes = [declined(error) for error in every_decline_at_the_desk()]
    view = case.layout(the_case(shown), WORST, host=True, note=max(notes, key=len))
    assert view.content_length() <= 4000
    assert view.total_children_count <= 40
    assert "… and " in desk_case.happened(shown, the_case(shown).events, room=500)


def test_a_short_history_is_told_whole() -> None:
    history = the_case(render(), 2).events
    assert desk_case.happened(render(), history, room=3000).count("\n") == 3


def test_an_act_is_not_told_twice() -> None:
    step = event(from_state=State.QUEUED, to_state=State.CANCELLED, why="cancelled_by_moderator")
    told = desk_case.happened(render(), (step, event(Act.CANCEL, why="off topic")), room=3000)
    time = f"<t:{BORN_MS // 1000}:t>"
    assert told == (
        f"{desk_case.HAPPENED}\n{time} cancelled by <@{LONGEST_ID}>: “off topic”; 27 credits given"
        " back"
    )


@pytest.mark.parametrize("prompt", ["*" * 2000, "`" * 2000, "\n" * 2000])
def test_no_prompt_and_no_reports_keep_a_case_from_being_opened(prompt: str) -> None:
    there = replace(
        worst_render(),
        prompt=prompt,
        state=State.DELIVERED,
        taken_down_at_ms=BORN_MS,
        taken_down_by=LONGEST_ID,
        taken_down_why="*" * 300,
    )
    first = event(Act.TAKE_DOWN)
    found = Case(
        render=there,
        wait=Wait(),
        events=tuple(event(Act.REFUND, new_value="999999") for _ in range(60)),
        messages=tuple(message(number, Purpose.RESULT) for number in range(30)),
        pictures=(),
        reports=tuple(
            Report(render_id=there.id, member_id=one, at_ms=BORN_MS, reason="*" * 300)
            for one in range(20)
        ),
    )
    note = declined(Overtaken(act=Act.TAKE_DOWN, render=there, first=first, again=False))
    view = case.layout(found, WORST, host=True, note=note)
    assert view.content_length() <= 4000


def test_a_list_fits_with_the_longest_of_everything() -> None:
    shown = [
        worst_render(id=f"7KQ2M9X{number}", state=State.QUEUED, parked_at_ms=1, bumped_at_ms=1)
        for number in range(listing.A_PAGE)
    ]
    pause = Pause(server_id=1, author_id=LONGEST_ID, reason="*" * 300, at_ms=BORN_MS)
    view = listing.layout(
        Listing(
            query=WORST,
            totals=Totals(running=9**9, waiting=9**9, unknown=9, late=9, undelivered=9),
            count=9**9,
            renders=tuple(shown),
            places={one.id: 99_999 for one in shown},
            where={one.id: message(1, Purpose.CARD) for one in shown},
            used=(account(), account(), account(), account()),
            median_wait_ms=9**12,
            outage=Outage(trouble=Trouble.OUT_OF_FUNDS, since_ms=BORN_MS, probe_at_ms=BORN_MS),
            pause=pause,
            drain=pause,
            stopped=True,
            newcomers_wait_ms=BORN_MS,
        ),
        note="x" * 100,
    )
    assert view.content_length() <= 4000
    assert view.total_children_count <= 40


@pytest.mark.parametrize("act", sorted(forms.ASKED))
async def test_a_form_fits(act: Act) -> None:
    made = forms.form(act, worst_render(settled=5), WORST)
    assert len(made.title) <= 45
    assert len(made.custom_id) <= 100
    for label in made.children:
        assert len(getattr(label, "text", "")) <= 45
        assert len(getattr(label, "description", "")) <= 100


def test_a_prompt_is_shown_whole_and_does_nothing() -> None:
    shown = render(prompt="```@everyone``` <@1> " + "x" * 1900)
    assert desk_case.prompt(shown, room=4000).count("```") == 2
    assert desk_case.prompt(shown, room=4000).endswith("x" * 1900 + "\n```")


def test_the_desk_shows_a_place_only_where_there_is_one() -> None:
    assert "place 3" in desk_list.line(render(), place=3, where=None)
    parked = desk_list.line(render(parked_at_ms=BORN_MS), place=None, where=None)
    assert "**Parked**" in parked
    assert "place" not in parked
