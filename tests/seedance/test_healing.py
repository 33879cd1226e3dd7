from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedance import Echo, ListedTask, Task, TaskState, Trace, adoptions

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MODEL = "doubao-seedance-1-0-pro-250528"
LOST = Trace(
    render_id="R1", remote_id=MODEL, submitted_at=NOW, seed=42, safety_identifier="member-1"
)
# A model that takes no seed: the member's mark is all there is.
UNSEEDED = replace(LOST, seed=None)


def listed(
    task_id: str = "cgt-1",
    *,
    model: str = MODEL,
    seconds: float | None = 3,
    seed: int | None = 42,
    member: str | None = "member-1",
    state: TaskState = TaskState.RUNNING,
) -> ListedTask:
    created_at = None if seconds is None else NOW + timedelta(seconds=seconds)
    return ListedTask(
        id=task_id,
        model=model,
        task=Task(state=state, echo=Echo(seed=seed, created_at=created_at)),
        safety_identifier=member,
    )


def found(trace: Trace, *tasks: ListedTask, owned: tuple[str, ...] = ()) -> str | None:
    adopted = adoptions([trace], tasks, owned)
    return adopted[trace.render_id].id if adopted else None


@pytest.mark.parametrize("state", TaskState)
def test_the_one_task_that_fits_is_adopted_however_it_stands(state: TaskState) -> None:
    assert found(LOST, listed(state=state)) == "cgt-1"


@pytest.mark.parametrize(
    "task",
    [
        listed(model="doubao-seedance-2-0-260128"),
        listed(seed=43),
        listed(member="member-2"),
        listed(seconds=-121),
        listed(seconds=301),
    ],
    ids=["model", "seed", "member", "earlier", "later"],
)
def test_a_task_that_differs_is_not_ours_and_in_nobodys_way(task: ListedTask) -> None:
    assert found(LOST, task) is None
    assert found(LOST, task, listed("cgt-2")) == "cgt-2"


@pytest.mark.parametrize("seconds", [-120, 0, 300])
def test_the_clocks_may_differ_and_the_call_may_have_taken_its_time(seconds: float) -> None:
    assert found(LOST, listed(seconds=seconds)) == "cgt-1"


@pytest.mark.parametrize(
    "task", [listed(seconds=None), listed(seed=None)], ids=["no moment", "no seed"]
)
def test_what_the_list_does_not_tell_proves_nothing_and_keeps_all_open(task: ListedTask) -> None:
    assert found(LOST, task) is None
    assert found(LOST, task, listed("cgt-2")) is None


def test_the_seed_is_enough_where_the_member_is_not_told() -> None:
    assert found(LOST, listed(member=None)) == "cgt-1"
    assert found(replace(LOST, safety_identifier=None), listed()) == "cgt-1"


def test_without_a_seed_the_member_must_be_told() -> None:
    assert found(UNSEEDED, listed(seed=7)) == "cgt-1"
    assert found(UNSEEDED, listed(seed=7, member=None)) is None
    assert found(replace(UNSEEDED, safety_identifier=None), listed(member=None)) is None


def test_of_two_that_fit_a_person_decides() -> None:
    assert found(LOST, listed(), listed("cgt-2")) is None


def test_the_same_task_on_two_pages_is_one() -> None:
    assert found(LOST, listed(), listed()) == "cgt-1"


def test_what_another_render_has_is_not_looked_at() -> None:
    assert found(LOST, listed(), owned=("cgt-1",)) is None
    assert found(LOST, listed(), listed("cgt-2"), owned=("cgt-1",)) == "cgt-2"


def test_a_task_that_fits_two_renders_is_nobodys() -> None:
    other = replace(LOST, render_id="R2")
    assert adoptions([LOST, other], [listed()], ()) == {}
    assert adoptions([LOST, other], [listed(), listed("cgt-2")], ()) == {}


def test_renders_with_seeds_of_their_own_do_not_disturb_each_other() -> None:
    other = replace(LOST, render_id="R2", seed=43)
    tasks = [listed(), listed("cgt-2", seed=43)]
    adopted = adoptions([LOST, other], tasks, ())
    assert {render_id: task.id for render_id, task in adopted.items()} == {
        "R1": "cgt-1",
        "R2": "cgt-2",
    }


def test_an_empty_list_heals_nothing() -> None:
    assert adoptions([LOST], [], ()) == {}


SEEDS = st.none() | st.integers(0, 1)
MEMBERS = st.none() | st.sampled_from(["member-1", "member-2"])
TRACES = st.lists(
    st.builds(
        Trace,
        render_id=st.sampled_from("ABCD"),
        remote_id=st.just(MODEL),
        submitted_at=st.just(NOW),
        seed=SEEDS,
        safety_identifier=MEMBERS,
    ),
    unique_by=lambda trace: trace.render_id,
)
TASKS = st.lists(
    st.builds(listed, st.sampled_from("abcd"), seed=SEEDS, member=MEMBERS),
    unique_by=lambda task: task.id,
)


@given(TRACES, TASKS, st.sets(st.sampled_from("abcd")))
def test_nothing_is_adopted_twice_or_taken_away(
    traces: list[Trace], tasks: list[ListedTask], owned: set[str]
) -> None:
    adopted = adoptions(traces, tasks, owned)
    ids = [task.id for task in adopted.values()]
    assert len(set(ids)) == len(ids)
    assert not owned.intersection(ids)
    assert set(adopted) <= {trace.render_id for trace in traces}
