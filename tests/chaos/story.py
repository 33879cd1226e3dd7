"""Play a whole story with a bot that may die in it: every kind of end that a render can have."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from sandbox.discord import Channel, Member, Reply, Upload
from sandbox.film import make_picture
from sandbox.provider import Fault
from sandbox.world import World
from tests.chaos.books import Books
from tests.chaos.lives import Lives

SETTINGS = {
    "UNDO_SECONDS": "0",
    "POLL_FIRST_SECONDS": "0.02",
    "POLL_INTERVAL_SECONDS": "0.03",
    # One at a time, so that the story passes its edges in the same order each time.
    "SEEDANCE_CONCURRENCY": "1",
    "SPEND_DAILY_CREDITS": "1000",
}
# Of a day, in credits; those of members and the server are what the admin fills in.
CEILINGS = {"host": 1000, "server": 200, "member": 60}
CLIP = "--dur 4 --rs 480p"
# Longer than Discord remembers a nonce, and than a submit stays unknown.
A_LONG_TIME_SECONDS = 20 * 60
FRAMES = [make_picture((640, 360), hue) for hue in (0, 2)]


@dataclass(slots=True, kw_only=True)
class Wish:
    """What a member asked for, and what they were told at once."""

    member: Member
    channel: Channel
    prompt: str
    # Every reply that a command of theirs got after it was acknowledged.
    replies: list[Reply] = field(default_factory=list[Reply])
    # They asked for it to be cancelled, and were told that it is.
    cancelled: bool = False

    @property
    def accepted(self) -> bool:
        """Say whether the member was told that it is under way."""
        return any("Accepted" in reply.text for reply in self.replies)


class Story:
    """Let one member after the other wish for something, each with another end."""

    def __init__(self, world: World, lives: Lives) -> None:
        self.world = world
        self.lives = lives
        self.books = Books(world.folder / "paperboat.db")
        self.staff = world.server.add_channel("staff")
        self.wishes: list[Wish] = []

    @classmethod
    @asynccontextmanager
    async def open(cls, live: Callable[[World], Lives]) -> AsyncGenerator[Story]:
        """Open a world for a story of a bot that lives, and dies, in some way."""
        async with World.open(SETTINGS) as world:
            world.provider.queue_seconds = world.provider.render_seconds = 0.0
            yield cls(world, live(world))

    async def tell(self) -> None:
        """Play from the first start to the last stop."""
        await self.lives.start()
        await self._opened()
        await self._one_renders_and_two_are_cancelled()
        await self._two_frames()
        await self._refused_at_once_and_in_the_end()
        await self._the_channel_goes_away()
        await self._an_answer_is_lost()
        await self.lives.skip(A_LONG_TIME_SECONDS)
        await self.lives.until("every render to end", self._all_over)
        await self.lives.until("the staff to read of every act", self._all_noted)
        await self.lives.quiet()
        await self.lives.end()

    async def _opened(self) -> None:
        """Let the admin set the server up, again as long as no answer says that it is."""
        answered = False
        while not answered:
            _, answered = await self.lives.send(self._fill_in)
        await self.lives.quiet()

    async def _fill_in(self) -> Reply:
        admin = self.world.admin
        form = await admin.command(self.world.channel, "server setup")
        amounts = {
            "Credits a day for each member": CEILINGS["member"],
            "Credits a day for the whole server": CEILINGS["server"],
        }
        return await admin.submit(form, **amounts, **{"Staff channel": self.staff})

    async def _one_renders_and_two_are_cancelled(self) -> None:
        self.world.provider.hold()
        await self._submitted(await self._wish("Ada", "A heron stands in the reeds."))
        regretted = await self._wish("Ben", "A mill turns in the wind.")
        await self._regret(regretted, regretted.member, "renders cancel")
        unwanted = await self._wish("Cleo", "A billboard for socks.")
        await self._regret(unwanted, self.world.moderator, "queue cancel", reason="off topic")
        await self._end()

    async def _two_frames(self) -> None:
        first, last = (Upload(f"{number}.png", frame) for number, frame in enumerate(FRAMES))
        await self._wish("Dora", "The sun sets.", first_frame=first, last_frame=last)
        await self._end()

    async def _refused_at_once_and_in_the_end(self) -> None:
        for name, later in (("Emil", False), ("Fay", True)):
            self.world.provider.fail(Fault.TEXT_REFUSED, later=later)
            await self._wish(name, f"What {name} should not say.")
            await self._end()
            self.world.provider.heal()

    async def _the_channel_goes_away(self) -> None:
        for name in ("Gus", "Hal"):
            channel = self.world.server.add_channel(f"attic-of-{name.lower()}")
            self.world.provider.hold()
            await self._submitted(await self._wish(name, f"Attic of {name}.", channel))
            if name == "Gus":
                channel.delete()
            else:
                channel.deny_bot("send_messages")
            await self._end()

    async def _an_answer_is_lost(self) -> None:
        self.world.provider.fail(Fault.RESET_AFTER_CREATION)
        await self._wish("Ivy", "Mist over the lock.")
        await self._end()
        self.world.provider.heal()

    async def _wish(
        self, name: str, prompt: str, channel: Channel | None = None, **frames: Upload
    ) -> Wish:
        wish = Wish(
            member=self.world.server.add_member(name),
            channel=channel or self.world.channel,
            prompt=prompt,
        )
        self.wishes.append(wish)
        await self._say(wish, wish.member, "video", prompt=f"{prompt} {CLIP}", **frames)
        return wish

    async def _say(self, wish: Wish, member: Member, name: str, **options: object) -> bool:
        reply, answered = await self.lives.send(
            lambda: member.command(wish.channel, name, **options)
        )
        wish.replies.append(reply)
        return answered

    async def _regret(self, wish: Wish, member: Member, name: str, **options: object) -> None:
        """Cancel what waits, if it waits."""
        for standing in self.books.standings(wish.member.id):
            if await self._say(wish, member, name, id=standing.id, **options):
                wish.cancelled = "is cancelled" in wish.replies[-1].text

    async def _submitted(self, wish: Wish) -> None:
        """Wait until a wish is with the provider, or stands still before that."""
        await self.lives.until(
            f"{wish.member.name}'s wish to be submitted",
            lambda: all(
                standing.state == "rendering" or standing.rests
                for standing in self.books.standings(wish.member.id)
            ),
        )

    async def _end(self) -> None:
        """Let the provider finish, and wait until nothing more happens by itself."""
        self.world.provider.release()
        await self.lives.until("every wish to end or to rest", self._all_rest)
        await self.lives.quiet()

    def _all_rest(self) -> bool:
        return all(
            standing.rests
            for wish in self.wishes
            for standing in self.books.standings(wish.member.id)
        )

    def _all_noted(self) -> bool:
        acts = self.books.ask("select id from events where action <> ''")
        return len(self.staff.messages) >= len(acts)

    def _all_over(self) -> bool:
        return all(
            standing.over
            for wish in self.wishes
            for standing in self.books.standings(wish.member.id)
        )
