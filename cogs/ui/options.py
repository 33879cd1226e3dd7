"""Build /video from what the current models can carry, with suggestions and their prices."""

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
from render.allowance import Allowance, offers_within, resolutions_within, seconds_within
from render.policy import LARGEST_SEED, default_resolution, default_seconds
from seedance import Offer, Option
from storage.records import Subject

MOST_CHOICES: Final = 25
LONGEST_PROMPT: Final = 2000

AnyChoice: TypeAlias = Choice[str | int | float]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Hold what suggestions are made from: the options so far, and what the member may spend."""

    offer: Offer
    namespace: Namespace
    # None: it could not be told in time, and the prices stand alone.
    allowance: Allowance | None

    @property
    def seconds(self) -> int:
        """Return the duration that was chosen, else the usual one."""
        chosen: object = getattr(self.namespace, "duration", None)
        fits = isinstance(chosen, int) and chosen in self.offer.durations
        return chosen if isinstance(chosen, int) and fits else default_seconds(self.offer)

    @property
    def resolution(self) -> str:
        """Return the resolution that was chosen, else the usual one."""
        chosen: object = getattr(self.namespace, "resolution", None)
        fits = isinstance(chosen, str) and chosen in self.offer.resolutions
        return chosen if isinstance(chosen, str) and fits else default_resolution(self.offer)

    def label(self, name: str, cost: int, *, allowed: bool) -> str:
        """Name a choice with its price, and say what stands in the way of it."""
        return text.choice(name, cost, hindrance=self._hindrance(cost, allowed=allowed))

    def _hindrance(self, cost: int, *, allowed: bool) -> str:
        if not allowed:
            return text.NOT_ALLOWED
        short = self.allowance and self.allowance.wallet.short_of(cost)
        if not short:
            return ""
        own = short.key.subject is Subject.MEMBER
        return text.MORE_THAN_YOURS if own else text.MORE_THAN_LEFT


Suggest: TypeAlias = Callable[[View], Iterable[AnyChoice]]


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
        allowance = await interaction.client.purses.of(interaction)
        offer = _offer(interaction, allowance)
        if offer is None:
            return []
        view = View(offer=offer, namespace=interaction.namespace, allowance=allowance)
        typed = str(value).casefold()
        choices = self._suggest(view)
        return [choice for choice in choices if typed in choice.name.casefold()][:MOST_CHOICES]


class SuggestedModel(Suggested):
    """Suggest every model of this moment, with what a clip of the chosen length costs."""

    def __init__(self) -> None:
        super().__init__(lambda _: ())

    async def autocomplete(
        self, interaction: discord.Interaction[Any], value: str | float, /
    ) -> list[AnyChoice]:
        """Suggest by label and by name."""
        allowance = await interaction.client.purses.of(interaction)
        typed = str(value).casefold()
        return [
            _model(View(offer=offer, namespace=interaction.namespace, allowance=allowance))
            for offer in interaction.client.offers.current
            if typed in f"{offer.label} {offer.name}".casefold()
        ][:MOST_CHOICES]


def _offer(interaction: Interaction, allowance: Allowance | None) -> Offer | None:
    """Return the model that would render: the chosen one, else the member's first."""
    offers = interaction.client.offers
    named: object = getattr(interaction.namespace, "model", None)
    if isinstance(named, str) and (chosen := offers.find(named)):
        return chosen
    open_ones = offers_within(allowance.terms, offers.current) if allowance else ()
    return open_ones[0] if open_ones else offers.default


def _model(view: View) -> AnyChoice:
    offer, terms = view.offer, view.allowance and view.allowance.terms
    allowed = terms is None or bool(offers_within(terms, [offer]))
    cost = offer.credits(view.resolution, view.seconds)
    name = f"{offer.label} · {view.seconds} s"
    return Choice(name=view.label(name, cost, allowed=allowed), value=offer.name)


def _durations(view: View) -> Iterable[AnyChoice]:
    offer, terms = view.offer, view.allowance and view.allowance.terms
    allowed = seconds_within(terms, offer) if terms else offer.durations
    for seconds in offer.durations:
        cost = offer.credits(view.resolution, seconds)
        name = view.label(f"{seconds} s", cost, allowed=seconds in allowed)
        yield Choice(name=name, value=seconds)


def _ratios(view: View) -> Iterable[AnyChoice]:
    return (Choice(name=ratio, value=ratio) for ratio in view.offer.ratios)


def _resolutions(view: View) -> Iterable[AnyChoice]:
    offer, terms = view.offer, view.allowance and view.allowance.terms
    allowed = resolutions_within(terms, offer) if terms else offer.resolutions
    for name in offer.resolutions:
        cost = offer.credits(name, view.seconds)
        yield Choice(name=view.label(name, cost, allowed=name in allowed), value=name)


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
