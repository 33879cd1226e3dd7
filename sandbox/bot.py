"""The bot as a child process: unmodified, and told by its environment alone where the world is."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parents[1]
# Enough to run Python; nothing else of the person who plays the story reaches the bot.
INHERITED = ("PATH", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "VIRTUAL_ENV")
NOT_IN_THE_EXAMPLE = ("DYNO",)


def setting_names() -> list[str]:
    """Return every setting's name, out of `.env.example`."""
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    return re.findall(r"^#? ?([A-Z][A-Z_]+)=", example, re.MULTILINE)


class Bot:
    """Start `bot.py`, stop it and kill it, as often as the story wants.

    Every setting is in its environment, if need be as nothing, so that a `.env` beside `bot.py`
    changes nothing.
    """

    def __init__(self, settings: Mapping[str, str], folder: Path) -> None:
        self.environment = dict.fromkeys((*setting_names(), *NOT_IN_THE_EXAMPLE), "")
        self.environment |= {name: os.environ[name] for name in INHERITED if name in os.environ}
        self.environment |= {"HOME": str(folder), "PYTHONUNBUFFERED": "1", **settings}
        self._log = folder / f"bot-{id(self):x}.log"
        self._process: asyncio.subprocess.Process | None = None

    @property
    def log(self) -> str:
        """Return what the bot wrote so far, in all its lives."""
        return self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""

    @property
    def pid(self) -> int | None:
        """Return the number of the process, once it was started."""
        return self._process.pid if self._process else None

    @property
    def running(self) -> bool:
        """Tell whether the process is alive."""
        return self._process is not None and self._process.returncode is None

    @property
    def resident_mib(self) -> float:
        """Return the memory that the process has resident, in MiB; Linux only."""
        return int(self._status("VmRSS")) / 1024

    @property
    def has_begun(self) -> bool:
        """Tell whether the program's first lines have run: it hears SIGTERM then; Linux only."""
        return bool(int(self._status("SigCgt"), 16) & 1 << (signal.SIGTERM - 1))

    async def start(self, *arguments: str) -> None:
        """Start the process; it gets ready by itself."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "bot.py", *arguments,
                cwd=ROOT, env=self.environment,
                stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

    async def kill(self) -> None:
        """End the process at once, as a power cut would."""
        await self._end(signal.SIGKILL)

    async def stop(self, *, within_seconds: float = 8) -> int:
        """Ask the process to stop, and return its exit code."""
        return await self._end(signal.SIGTERM, within_seconds)

    async def ended(self, *, within_seconds: float = 10) -> int:
        """Wait for the process to end by itself, and return its exit code."""
        if self._process is None:
            raise RuntimeError("the bot was never started")
        async with asyncio.timeout(within_seconds):
            return await self._process.wait()

    def _status(self, name: str) -> str:
        """Return what the kernel says about the process under a name."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        return status.split(f"{name}:")[1].split()[0]

    async def _end(self, how: signal.Signals, within_seconds: float = 10) -> int:
        if self._process is not None and self.running:
            self._process.send_signal(how)
        return await self.ended(within_seconds=within_seconds)
