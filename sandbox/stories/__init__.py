"""What can be played with `python -m sandbox`; the first story is the default."""

from __future__ import annotations

from sandbox.stories.approval import approval
from sandbox.stories.board import board
from sandbox.stories.bot_removed import bot_removed
from sandbox.stories.budget import budget
from sandbox.stories.channel_deleted import channel_deleted
from sandbox.stories.key_change import key_change
from sandbox.stories.member_left import member_left
from sandbox.stories.model_retired import model_retired
from sandbox.stories.moderation import moderation
from sandbox.stories.moderator import moderator
from sandbox.stories.no_answer import no_answer
from sandbox.stories.opening_day import opening_day
from sandbox.stories.out_of_funds import out_of_funds
from sandbox.stories.over_the_allowance import over_the_allowance
from sandbox.stories.refused_by_policy import refused_by_policy
from sandbox.stories.report import report
from sandbox.stories.restart_in_the_middle import restart_in_the_middle
from sandbox.stories.server_unavailable import server_unavailable
from sandbox.stories.story import Story, play
from sandbox.stories.taken_down import taken_down
from sandbox.stories.text_only import text_only
from sandbox.stories.two_frames import two_frames

__all__ = ["STORIES", "Story", "play"]

STORIES = {
    story.name: story
    for story in (
        Story(two_frames),
        Story(text_only),
        Story(opening_day, invited=False, SERVER_DAILY_CREDITS="2000"),
        Story(budget, QUOTA_DAILY_CREDITS="40", SPEND_DAILY_CREDITS="100"),
        Story(over_the_allowance, QUOTA_DAILY_CREDITS="40"),
        Story(refused_by_policy),
        Story(out_of_funds),
        Story(restart_in_the_middle),
        Story(moderator, SEEDANCE_CONCURRENCY="1"),
        Story(approval),
        Story(moderation, SEEDANCE_CONCURRENCY="1"),
        Story(taken_down),
        Story(no_answer),
        Story(board, SEEDANCE_CONCURRENCY="1"),
        Story(report),
        Story(key_change, LATE_MINUTES="0.03"),
        Story(model_retired, SEEDANCE_CONCURRENCY="1"),
        Story(bot_removed, SEEDANCE_CONCURRENCY="1"),
        Story(server_unavailable, SEEDANCE_CONCURRENCY="1"),
        Story(member_left, SEEDANCE_CONCURRENCY="1"),
        Story(channel_deleted, SEEDANCE_CONCURRENCY="1"),
    )
}
