"""Break the product on purpose, and see it caught: `python -m tests.chaos.mutants`.

Each mutant is a copy of the tree with a few lines changed. A test must fail in it, and where the
story can show it, a death at one telling edge must break a promise.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
COPIED = ("*.py", "pyproject.toml", ".env.example")
PACKAGES = ("cogs", "render", "sandbox", "seedance", "storage", "tests")
TESTS_FAILED = 1  # pytest's exit code, and ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Replace what stands once in a file."""

    path: str
    old: str
    new: str

    def apply(self, root: Path) -> None:
        """Change the file below this root."""
        file = root / self.path
        words = file.read_text(encoding="utf-8")
        if words.count(self.old) != 1:
            raise LookupError(f"{self.path} holds {words.count(self.old)} times: {self.old}")
        file.write_text(words.replace(self.old, self.new), encoding="utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """Describe a fault, the test that catches it, and where a death in the story shows it."""

    name: str
    changes: tuple[Change, ...]
    test: str
    # A telling edge and the promise that breaks there; "" is the story without a death.
    edge: str | None = None
    promise: str = ""


MUTANTS = (
    Mutant(
        name="resends when the answer is unknown",
        changes=(
            Change(
                path="render/worker.py",
                old="case NotSent() | RateLimited() ",
                new="case Ambiguous() | NotSent() | RateLimited() ",
            ),
        ),
        test="tests/render/test_worker.py"
        "::test_an_answer_that_proves_nothing_is_unknown_and_not_sent_again",
        edge="",
        promise="paid once",
    ),
    Mutant(
        name="resends after a crash",
        changes=(
            Change(
                path="render/scheduler.py",
                old="lifecycle.lost, render, at_ms=now, why=why",
                new="lifecycle.put_back, render, at_ms=now, ready_at_ms=now, why=why",
            ),
        ),
        test="tests/render/test_scheduler.py::test_a_submit_that_nobody_works_on_is_unknown",
        edge="submitted, and the task's id not stored",
        promise="paid once",
    ),
    Mutant(
        name="settles in a transaction of its own",
        changes=(
            Change(
                path="render/lifecycle.py",
                old='tx, moved, GUESTS, moved.settled or 0, at_ms=at_ms, why="posted"',
                new='tx, moved, (), 0, at_ms=at_ms, why="posted"',
            ),
            Change(
                path="render/lifecycle.py",
                old="async def undelivered(",
                new="async def settled(tx, render, *, at_ms):\n"
                "    await settle(\n"
                '        tx, render, GUESTS, render.settled or 0, at_ms=at_ms, why="posted"\n'
                "    )\n"
                "    return render\n\n\n"
                "async def undelivered(",
            ),
            Change(
                path="render/delivery.py",
                old="(lifecycle.delivered, render, at_ms=now, posted=posted)\n",
                new="(lifecycle.delivered, render, at_ms=now, posted=posted)\n"
                "        await self._moves.make(lifecycle.settled, render, at_ms=now)\n",
            ),
        ),
        test="tests/render/test_lifecycle.py::test_a_video_is_paid_for_once_it_is_there",
        edge="delivered, and the card not edited",
        promise="the ledger balances",
    ),
    Mutant(
        name="posts without a nonce",
        changes=(
            Change(
                path="cogs/ui/messenger.py",
                old="            files=files,\n            nonce=nonce,\n",
                new="            files=files,\n",
            ),
        ),
        test="tests/cogs/ui/test_messenger.py::test_the_same_nonce_again_is_the_same_message",
        edge="the video is posted, and its message not stored",
        promise="told once",
    ),
    Mutant(
        name="ignores that somebody else acknowledged (40060)",
        changes=(
            Change(
                path="cogs/ui/base.py",
                old="        await _excuse(interaction, error)\n        return False\n",
                new="        if getattr(error, 'code', 0) == ALREADY_ACKNOWLEDGED:\n"
                "            return True\n"
                "        await _excuse(interaction, error)\n"
                "        return False\n",
            ),
        ),
        test="tests/cogs/test_video.py"
        "::test_nothing_is_held_unless_the_acknowledgement_plainly_succeeded",
    ),
)


def breed(mutant: Mutant, root: Path) -> None:
    """Copy the tree and change it."""
    for pattern in COPIED:
        for file in ROOT.glob(pattern):
            shutil.copy2(file, root)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, root / package)
    for change in mutant.changes:
        change.apply(root)


async def run(root: Path, *arguments: str) -> tuple[int, str]:
    """Run a module of Python in a copy; return the exit code and what it said."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *arguments,
        cwd=root, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


async def caught_by_test(mutant: Mutant, root: Path) -> bool:
    """Say whether the named test fails in the mutant."""
    code, said = await run(root, "pytest", "-x", "-p", "no:cacheprovider", mutant.test)
    if code not in {0, TESTS_FAILED}:
        raise RuntimeError(said)
    return code == TESTS_FAILED


async def caught_by_story(mutant: Mutant, root: Path) -> bool:
    """Say whether a death at the telling edge, or none, breaks the promise in the mutant."""
    _, said = await run(root, "tests.chaos", "--telling", mutant.edge or "")
    return f"{mutant.promise}: " in said


async def hunt(mutant: Mutant, *, story: bool) -> list[tuple[str, bool]]:
    """Return what was let loose on a mutant, and whether it caught it."""
    with tempfile.TemporaryDirectory(prefix="paperboat-mutant-") as folder:
        breed(mutant, Path(folder))
        found = [(mutant.test, await caught_by_test(mutant, Path(folder)))]
        if story and mutant.edge is not None:
            where = f"a death at: {mutant.edge}" if mutant.edge else "the story without a death"
            by = f"{where} ({mutant.promise})"
            found.append((by, await caught_by_story(mutant, Path(folder))))
        return found


def main(_: Sequence[str] = ()) -> int:
    """Hunt every mutant; return 0 when each was caught by all that should catch it."""
    escaped = False
    for mutant in MUTANTS:
        sys.stdout.write(f"\na bot that {mutant.name}\n")
        for by, caught in asyncio.run(hunt(mutant, story=True)):
            sys.stdout.write(f"  {'caught by' if caught else 'ESCAPED  '} {by}\n")
            sys.stdout.flush()
            escaped |= not caught
    return int(escaped)


if __name__ == "__main__":
    sys.exit(main())
