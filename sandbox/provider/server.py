"""The stand-in for a provider: its books, its knobs, and the life of its tasks."""

from __future__ import annotations

import asyncio
import functools
import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Self

from aiohttp import web

from sandbox.film import make_film
from sandbox.provider.endpoints import Endpoints
from sandbox.provider.faults import HABITAT, ONLY_LATER, Fault, Faults, Planned, Where
from sandbox.provider.files import Files
from sandbox.provider.status import Status
from sandbox.provider.task import Task
from sandbox.provider.vendors import COMETAPI, Vendor
from sandbox.provider.videos_route import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.provider.asked import Asked

# Films are remembered: a story told twice is drawn once.
_film = functools.lru_cache(maxsize=16)(make_film)


class Provider:
    """Play a vendor for one bot: `async with await Provider.serve() as provider`."""

    def __init__(self, vendor: Vendor = COMETAPI) -> None:
        self.vendor = vendor
        self.key = _make_key()
        # Keys that make no tasks any more, and still ask after their own.
        self.former_keys: set[str] = set()
        self.models = vendor.models()
        self.retired: set[str] = set()
        self.vocabulary = Vocabulary.NEWER
        self.queue_seconds = 0.05
        self.render_seconds = 0.3
        # The list of tasks is given out once in this time.
        self.list_seconds = 1.0
        self.files = Files()
        self.faults = Faults()
        self.tasks: list[Task] = []
        # Every create call that arrived, whatever became of it.
        self.create_calls = 0
        # What the bot sent and the documented API does not take.
        self.violations: list[str] = []
        # How often somebody followed a video's link to an address inside the host's network.
        self.lured = 0
        self.base_url = ""
        self.inside_url = ""
        self._news = asyncio.Event()
        self._released = asyncio.Event()
        self._released.set()
        self._lives: set[asyncio.Task[None]] = set()
        self._studio = ThreadPoolExecutor(max_workers=1, thread_name_prefix="film")
        self._runner = web.AppRunner(Endpoints(self).application(), shutdown_timeout=0.1)

    @classmethod
    async def serve(cls, vendor: Vendor = COMETAPI) -> Provider:
        """Listen on 127.0.0.1; a second port is the inside that nobody should be lured to."""
        provider = cls(vendor)
        await provider._runner.setup()
        urls: list[str] = []
        for _ in range(2):
            site = web.TCPSite(provider._runner, "127.0.0.1", 0)
            await site.start()
            host, port = provider._runner.addresses[-1][:2]
            urls.append(f"http://{host}:{port}")
        provider.base_url, provider.inside_url = urls
        return provider

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Drop every task and connection and stop listening."""
        for life in self._lives:
            life.cancel()
        await asyncio.gather(*self._lives, return_exceptions=True)
        await self._runner.cleanup()
        self._studio.shutdown(cancel_futures=True)

    def environment(self) -> dict[str, str]:
        """Return what the bot needs in its environment to find this provider."""
        return {
            "SEEDANCE_BASE_URL": self.base_url + self.vendor.base_path,
            self.vendor.key_setting: self.key,
        }

    @property
    def billed(self) -> list[Task]:
        """Every task that the host pays for."""
        return [task for task in self.tasks if task.billed_usd]

    @property
    def billed_usd(self) -> float:
        """The host's bill."""
        return round(sum(task.billed_usd for task in self.tasks), 4)

    def fail(
        self,
        fault: Fault,
        *,
        times: int = 1,
        where: Where | None = None,
        later: bool = False,
        retry_after: int | None = None,
        delay_seconds: float = 0.0,
    ) -> None:
        """Let the next calls fail: by default the creations, and links for faults of the video.

        `later` lets a refusal by policy come as a failed task. 0 times is for ever.
        """
        planned = Planned(
            fault=fault,
            where=where or HABITAT.get(fault, Where.CREATE),
            later=later or fault in ONLY_LATER,
            retry_after=retry_after,
            delay_seconds=delay_seconds,
            times=times,
        )
        self.faults.add(planned)

    def heal(self) -> None:
        """Forget every fault that is left."""
        self.faults.clear()

    def change_key(self) -> None:
        """Give out a new key; the one before makes no tasks any more."""
        self.former_keys.add(self.key)
        self.key = _make_key()

    def retire(self, model: str) -> None:
        """Sell a model no longer; tasks that it has begun go on."""
        self.retired.add(model)
        self.models = [each for each in self.models if each.name != model]

    def hold(self) -> None:
        """Keep tasks running until they are released."""
        self._released.clear()

    def release(self) -> None:
        """Let the held tasks end."""
        self._released.set()

    async def until(self, holds: Callable[[], bool], *, within_seconds: float = 10) -> None:
        """Wait until something holds; it is looked at after every change here."""
        try:
            async with asyncio.timeout(within_seconds):
                while not holds():
                    await self._news.wait()
        except TimeoutError:
            heard = f"{self.create_calls} create calls and made {len(self.tasks)} tasks"
            raise TimeoutError(f"the provider waited in vain; it heard {heard}") from None

    async def created(self, count: int = 1, *, within_seconds: float = 10) -> Task:
        """Wait for the so-manieth task and return it."""
        await self.until(lambda: len(self.tasks) >= count, within_seconds=within_seconds)
        return self.tasks[count - 1]

    def changed(self) -> None:
        """Wake everybody who waits for something here."""
        self._news.set()
        self._news = asyncio.Event()

    def begin(self, asked: Asked, doom: Planned | None) -> Task:
        """Make a task, and charge for it."""
        task = Task(id=self.vendor.new_id(), asked=asked, key=self.key, doom=doom)
        self.tasks.append(task)
        life = asyncio.create_task(self._live(task), name=f"task {task.id}")
        self._lives.add(life)
        life.add_done_callback(self._lives.discard)
        self.changed()
        return task

    async def _live(self, task: Task) -> None:
        await asyncio.sleep(self.queue_seconds)
        if task.ended:
            return  # it was cancelled
        task.move(Status.RUNNING)
        self.changed()
        ending = task.doom.ending if task.doom else Status.SUCCEEDED
        await asyncio.sleep(self.render_seconds)
        if ending is Status.SUCCEEDED:
            task.film = await self._film_of(task.asked)
        await self._released.wait()
        task.move(ending, task.doom.error() if task.doom else None)
        self.changed()

    async def _film_of(self, asked: Asked) -> bytes:
        draw = functools.partial(
            _film,
            prompt=asked.prompt,
            size=asked.size,
            seconds=asked.seconds,
            seed=asked.seed,
            first=asked.first,
            last=asked.last,
        )
        return await asyncio.get_running_loop().run_in_executor(self._studio, draw)


def _make_key() -> str:
    return f"sk-sandbox-{secrets.token_hex(12)}"
