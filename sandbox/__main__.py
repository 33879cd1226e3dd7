"""Play a story: `python -m sandbox [--list | --story NAME | --all]`."""

from __future__ import annotations

import argparse
import asyncio
import sys

from sandbox.stories import STORIES, play
from sandbox.transcript import StoryBroken


def main(arguments: list[str] | None = None) -> int:
    """Play what was asked for; return 0 when every story ended as it should, else 1."""
    options = _parser().parse_args(arguments)
    if options.list:
        for story in STORIES.values():
            print(f"{story.name:24}{story.sentence}")
        return 0
    names = list(STORIES) if options.all else [options.story]
    return max(_play(name) for name in names)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox",
        description="Play the real bot in an offline world, and show what everybody sees.",
    )
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--list", action="store_true", help="name the stories, one a line")
    choice.add_argument(
        "--story", metavar="NAME", choices=STORIES, default=next(iter(STORIES)),
        help="play this one (default: %(default)s)",
    )  # fmt: skip
    choice.add_argument("--all", action="store_true", help="play all of them, one after another")
    return parser


def _play(name: str) -> int:
    story = STORIES[name]
    print(f"\n{name}: {story.sentence}\n")
    try:
        asyncio.run(play(story, sys.stdout))
    except StoryBroken as broken:
        print(f"\n{name} ended otherwise than it should: {broken}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
