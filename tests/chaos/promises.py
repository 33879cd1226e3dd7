"""Check the promises of the design, section 4, by what each side was left with in the end.

Knows the provider's ledger, Discord's messages, the rows of the database and what members were
told; nothing of how the bot works.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sandbox.discord import Message
from sandbox.discord.permissions import Permission
from sandbox.provider.task import Task
from tests.chaos.books import FINAL, Row
from tests.chaos.story import CEILINGS, Story, Wish

# How a card begins once its render is over.
CARD_ENDS = {"delivered": "**Done** ", "failed": "**No video** ", "cancelled": "**Cancelled** "}
# With a definite answer to the create the provider makes nothing, so the host owes nothing.
DEFINITE = {"text_refused", "image_refused", "real_person_refused", "audio_refused", "bad_input"}
# What tells a member in private that there is no card, and so no render.
NO_CARD = "could not write"


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """Name a promise that was not kept, and how."""

    promise: str
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Lay side by side what each side has of one wish."""

    wish: Wish
    renders: list[Row]
    tasks: list[Task]
    # What the bot posted about it for others to see, also in a channel that is gone.
    cards: list[Message]
    pings: list[Message]

    @property
    def name(self) -> str:
        """Name the wish by its member."""
        return self.wish.member.name

    @property
    def render(self) -> Row | None:
        """Return the render, if the wish became one."""
        return self.renders[0] if self.renders else None

    @property
    def state(self) -> str:
        """Return the state of the render, or nothing."""
        return self.render["state"] if self.render else ""

    @property
    def knows(self) -> bool:
        """Say whether the member needs no message: they did it, or were answered in private."""
        if self.render and self.render["cause"] == "cancelled_by_member":
            return True
        return any(NO_CARD in reply.text for reply in self.wish.replies)


def outcomes(story: Story) -> Iterator[Outcome]:
    """Gather what became of every wish."""
    for wish in story.wishes:
        renders = story.books.ask("select * from renders where member_id = :id", id=wish.member.id)
        ids = [render["id"] for render in renders]
        public = [message for message in wish.channel.history if not message.private_to]
        pings = [*public, *wish.member.direct_messages]
        yield Outcome(
            wish=wish,
            renders=renders,
            tasks=[task for task in story.world.provider.tasks if task.asked.prompt == wish.prompt],
            cards=[one for one in public if one.is_v2 and any(id_ in one.text for id_ in ids)],
            pings=[one for one in pings if wish.member.person in one.mentions],
        )


def check(story: Story) -> list[Broken]:
    """Return every promise that the end of a story breaks."""
    broken = [
        Broken(promise=promise, how=f"{outcome.name} {how}")
        for outcome in outcomes(story)
        for promise, look in OF_A_WISH.items()
        for how in look(outcome)
    ]
    broken += [
        Broken(promise=promise, how=how)
        for promise, examine in OF_ALL.items()
        for how in examine(story)
    ]
    return broken


def _paid_once(outcome: Outcome) -> Iterator[str]:
    billed = sum(1 for task in outcome.tasks if task.billed_usd)
    if len(outcome.tasks) > 1:
        yield f"was created {len(outcome.tasks)} times"
    if outcome.tasks and not outcome.render:
        yield "was paid for and is not known"
    if outcome.state == "delivered" and billed != 1:
        yield f"was billed {billed} times for a video"
    if outcome.state == "cancelled" and outcome.tasks:
        yield "was cancelled and paid for"


def _never_lost(outcome: Outcome) -> Iterator[str]:
    if outcome.wish.accepted and not outcome.render:
        yield "was accepted and is gone"
    if not outcome.render:
        return
    if outcome.state not in FINAL:
        yield f"ended as {outcome.state}"
    elif not outcome.pings and not outcome.knows:
        yield f"was not told that it is {outcome.state} ({outcome.render['cause']})"
    if outcome.wish.cancelled and outcome.state != "cancelled":
        yield f"was told that it is cancelled, and it is {outcome.state}"


def _told_once(outcome: Outcome) -> Iterator[str]:
    if len(outcome.pings) > len(outcome.renders):
        yield f"was pinged {len(outcome.pings)} times for {len(outcome.renders)} renders"
    if len(outcome.cards) > len(outcome.renders):
        yield f"has {len(outcome.cards)} cards for {len(outcome.renders)} renders"
    videos = sum(1 for message in outcome.pings if message.attachments)
    if videos != (outcome.state == "delivered"):
        yield f"got {videos} videos, and is {outcome.state or 'unknown'}"
    for message in outcome.pings:
        yield from _misplaced(outcome, message)


def _misplaced(outcome: Outcome, message: Message) -> Iterator[str]:
    """Say what is wrong with where a result stands: below its card, else with the member."""
    channel = outcome.wish.channel
    if message.channel is channel:
        if outcome.cards and message.reply_to not in outcome.cards:
            yield "was told elsewhere than below the card"
    elif message.channel.recipient is not outcome.wish.member.person:
        yield "was told where nobody asked"
    elif channel.server and not channel.deleted:
        rights = channel.permissions_of(channel.server.bot_member)
        if Permission.SEND_MESSAGES in rights:
            yield "was told directly although the channel is open"


def _same_click(outcome: Outcome) -> Iterator[str]:
    heard = {reply.interaction.id for reply in outcome.wish.replies}
    if len(outcome.renders) > 1:
        yield f"became {len(outcome.renders)} renders"
    if any(render["interaction_id"] not in heard for render in outcome.renders):
        yield "became a render by a click that was not acknowledged"


def _honest(outcome: Outcome) -> Iterator[str]:
    for card in outcome.cards:
        if not card.deleted and not card.text.startswith(CARD_ENDS.get(outcome.state, "?")):
            yield f"is {outcome.state}, and the card says {card.text.splitlines()[0]}"


def _charged(outcome: Outcome, story: Story) -> Iterator[str]:
    """Compare what a render cost the host and its member with how it ended."""
    render = outcome.render
    if not render:
        return
    refused = render["cause"] in DEFINITE and not render["task_id"]
    guests = render["cost"] if outcome.state == "delivered" else 0
    due = {
        "host": 0 if refused or outcome.state == "cancelled" else render["cost"],
        "server": guests,
        "member": guests,
    }
    for row in story.books.ask(
        """
        select subject, sum(ledger.spent) as spent from ledger
        join accounts on accounts.id = account_id where render_id = :id group by subject
        """,
        id=render["id"],
    ):
        if row["spent"] != due[row["subject"]]:
            yield (
                f"{outcome.name} is {outcome.state} ({render['cause']}) and cost the"
                f" {row['subject']} {row['spent']} instead of {due[row['subject']]}"
            )


def _ledger_balances(story: Story) -> Iterator[str]:
    for outcome in outcomes(story):
        yield from _charged(outcome, story)
    for account in story.books.ask("select * from accounts"):
        lines = _lines(story, account)
        for column in ("held", "spent"):
            if account[column] != (total := sum(line[column] for line in lines)):
                yield f"{account['subject']}: {column} is {account[column]}, lines give {total}"
        if account["held"]:
            yield f"{account['subject']} still holds {account['held']}"


def _never_over(story: Story) -> Iterator[str]:
    """Follow what each owner had held and spent, line by line; the story fits into a day."""
    used = Counter[tuple[str, int, int]]()
    for line in story.books.ask(
        """
        select subject, server_id, member_id, ledger.held + ledger.spent as used from ledger
        join accounts on accounts.id = account_id order by ledger.id
        """
    ):
        owner = line["subject"], line["server_id"], line["member_id"]
        used[owner] += line["used"]
        if used[owner] > CEILINGS[line["subject"]]:
            yield f"{line['subject']} stood at {used[owner]} of {CEILINGS[line['subject']]}"


def _lines(story: Story, account: Row) -> list[Row]:
    return story.books.ask(
        "select * from ledger where account_id = :id order by id", id=account["id"]
    )


def _no_create_too_many(story: Story) -> Iterator[str]:
    submitted = story.books.ask("select id from renders where submitted_at_ms is not null")
    if story.world.provider.create_calls > len(submitted):
        yield f"{story.world.provider.create_calls} creates for {len(submitted)} renders"


def _set_up(story: Story) -> Iterator[str]:
    """Compare what the admin filled in with what is kept, and with what the staff was told."""
    servers = story.books.ask("select * from servers")
    if [(row["opened"], row["staff_channel_id"]) for row in servers] != [(1, story.staff.id)]:
        yield f"the server is kept as {servers}"
    kept = {row["holder"]: row["day_credits"] for row in story.books.ask("select * from rules")}
    if kept != {"server": CEILINGS["server"], "everyone": CEILINGS["member"]}:
        yield f"the limits are kept as {kept}"
    acts = story.books.ask("select id from events where action <> ''")
    if len(acts) != len(story.staff.messages):
        yield f"the staff read {len(story.staff.messages)} notes of {len(acts)} acts"


def _nothing_left(story: Story) -> Iterator[str]:
    if spooled := [path.name for path in (story.world.folder / "spool").glob("*")]:
        yield f"the spool keeps {spooled}"
    if story.books.ask("select render_id from frames"):
        yield "frames outlive their submit"


def _by_the_rules(story: Story) -> Iterator[str]:
    yield from story.world.discord.violations
    yield from story.world.provider.violations


OF_A_WISH: dict[str, Callable[[Outcome], Iterator[str]]] = {
    "paid once": _paid_once,
    "never lost": _never_lost,
    "told once": _told_once,
    "same click, same render": _same_click,
    "says only what is so": _honest,
}
OF_ALL: dict[str, Callable[[Story], Iterator[str]]] = {
    "paid once": _no_create_too_many,
    "never over": _never_over,
    "the ledger balances": _ledger_balances,
    "keeps what was set": _set_up,
    "leaves nothing behind": _nothing_left,
    "keeps the rules of both sides": _by_the_rules,
}
