"""Build /video from what the current models can carry, with suggestions that are never stale."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import discord
from discord import app_commands
from discord.app_commands import Choice, Namespace, Range

from cogs.ui.base import Interaction
from cogs.ui.text import commands as text
from cogs.ui.text.renders import credit
from render.policy import LARGEST_SEED, default_resolution, default_seconds
from seedance import Offer, Option

MOST_CHOICES: Final = 25
LONGEST_PROMPT: Final = 2000

AnyChoice: TypeAlias = Choice[str | int | float]
Suggest: TypeAlias = Callable[[Offer, Namespace], Iterable[AnyChoice]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Hold the options of one /video as the member gave them."""

    prompt: str
    model: str | None = None
    duration: int | None = None
    ratio: str | None = None
    resolution: str | None = None
    seed: int | None = None
    audio: bool | None = None
    first_frame: discord.Attachment | None = None
    last_frame: discord.Attachment | None = None


class Suggested(app_commands.Transformer):
    """Take a value as it was typed, for admission to judge, and suggest the valid ones."""

    def __init__(
        self,
        suggest: Suggest,
        kind: discord.AppCommandOptionType = discord.AppCommandOptionType.string,
    ) -> None:
        self._suggest = suggest
        self._kind = kind

    @property
    def type(self) -> discord.AppCommandOptionType:
        """Return what Discord lets people type."""
        return self._kind

    async def transform(
        self, interaction: discord.Interaction[Any], value: str | int, /
    ) -> str | int:
        """Pass the value on."""
        return value

    async def autocomplete(
        self, interaction: discord.Interaction[Any], value: str | float, /
    ) -> list[AnyChoice]:
        """Suggest what the model that would render offers at this moment."""
        offers = interaction.client.offers
        named: object = getattr(interaction.namespace, "model", None)
        offer = (offers.find(named) if isinstance(named, str) else None) or offers.default
        if offer is None:
            return []
        typed = str(value).casefold()
        choices = self._suggest(offer, interaction.namespace)
        return [choice for choice in choices if typed in choice.name.casefold()][:MOST_CHOICES]


class SuggestedModel(Suggested):
    """Suggest every model of this moment, with what a clip of the default length costs."""

    def __init__(self) -> None:
        super().__init__(lambda _offer, _namespace: ())

    async def autocomplete(
        self, interaction: discord.Interaction[Any], value: str | float, /
    ) -> list[AnyChoice]:
        """Suggest by label and by name."""
        typed = str(value).casefold()
        return [
            Choice(name=_priced_label(offer), value=offer.name)
            for offer in interaction.client.offers.current
            if typed in f"{offer.label} {offer.name}".casefold()
        ][:MOST_CHOICES]


def _durations(offer: Offer, namespace: Namespace) -> Iterable[AnyChoice]:
    chosen: object = getattr(namespace, "resolution", None)
    resolution = chosen if isinstance(chosen, str) and chosen in offer.resolutions else None
    for seconds in offer.durations:
        price = credit(offer.credits(resolution or default_resolution(offer), seconds))
        yield Choice(name=f"{seconds} s · {price}", value=seconds)


def _ratios(offer: Offer, _: Namespace) -> Iterable[AnyChoice]:
    return (Choice(name=ratio, value=ratio) for ratio in offer.ratios)


def _resolutions(offer: Offer, _: Namespace) -> Iterable[AnyChoice]:
    return (Choice(name=name, value=name) for name in offer.resolutions)


# In the order in which Discord shows them.
_KINDS: Final[Mapping[Option, Any]] = {
    Option.FIRST_FRAME: discord.Attachment,
    Option.LAST_FRAME: discord.Attachment,
    Option.DURATION: Suggested(_durations, discord.AppCommandOptionType.integer),
    Option.RATIO: Suggested(_ratios),
    Option.RESOLUTION: Suggested(_resolutions),
    Option.SEED: Range[int, 0, LARGEST_SEED],
    Option.AUDIO: bool,
}


def video_command(
    offers: Iterable[Offer], run: Callable[[Interaction, Asked], Awaitable[None]]
) -> app_commands.Command[Any, ..., None]:
    """Make /video with the options that some offer carries; the library reads the signature."""
    current = tuple(offers)
    kinds: dict[str, Any] = {"prompt": Range[str, 1, LONGEST_PROMPT], "model": SuggestedModel()}
    for option, kind in _KINDS.items():
        if any(offer.carries(option) for offer in current):
            kinds[option.value] = kind

    async def video(interaction: Interaction, **asked: Any) -> None:  # noqa: ANN401 - as declared below
        await run(interaction, Asked(**asked))

    keyword = inspect.Parameter.KEYWORD_ONLY
    parameters = [
        inspect.Parameter("interaction", inspect.Parameter.POSITIONAL_OR_KEYWORD),
        *(
            inspect.Parameter(
                name,
                keyword,
                annotation=kind,
                default=inspect.Parameter.empty if name == "prompt" else None,
            )
            for name, kind in kinds.items()
        ),
    ]
    vars(video)["__signature__"] = inspect.Signature(parameters)
    described = app_commands.describe(**{name: text.OPTIONS[name] for name in kinds})(video)
    return app_commands.Command(
        name="video", description=text.COMMANDS["video"], callback=described
    )


def _priced_label(offer: Offer) -> str:
    seconds = default_seconds(offer)
    price = credit(offer.credits(default_resolution(offer), seconds))
    return f"{offer.label} · {seconds} s for {price}"
