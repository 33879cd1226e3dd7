"""Say what of a server's renders a moderator sees, at the moment of asking."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress

from cogs.ui.base import Interaction
from cogs.ui.errors import NoSuchRender, NotAModerator
from cogs.ui.rights import is_host, moderates, moderates_everywhere
from render.desk import Moderator
from storage import renders
from storage.records import Render


def require_moderator(interaction: Interaction) -> None:
    """Raise NotAModerator for who moderates neither this channel nor the server."""
    here = interaction.permissions.manage_messages
    if not here and not moderates_everywhere(interaction.user):
        raise NotAModerator


def moderator_of(interaction: Interaction) -> Moderator:
    """Return who acts."""
    return Moderator(id=interaction.user.id, host=is_host(interaction.client, interaction.user))


def moderated(interaction: Interaction, channels: Mapping[int, int | None]) -> frozenset[int]:
    """Return those of the channels, each with its parent, that the moderator moderates."""
    user = interaction.user
    return frozenset(one for one, parent in channels.items() if moderates(user, one, parent))


def sees(interaction: Interaction, render: Render, *, also_to_host: bool = False) -> bool:
    """Say whether a render is of this server and of a channel that the moderator moderates."""
    here = render.server_id == interaction.guild_id
    host = also_to_host and is_host(interaction.client, interaction.user)
    return here and (host or moderates(interaction.user, render.channel_id, render.parent_id))


async def render_in_sight(
    interaction: Interaction, render_id: str, *, also_to_host: bool = False
) -> Render:
    """Read a render; raises NoSuchRender for one that this moderator does not see."""
    render = await interaction.client.database.read(lambda tx: renders.find(tx, render_id))
    if render is None or not sees(interaction, render, also_to_host=also_to_host):
        raise NoSuchRender(typed=render_id)
    return render


async def ids_in_sight(interaction: Interaction, ids: Iterable[str]) -> tuple[str, ...]:
    """Return those that this moderator sees; of others not even the id is told."""
    found: list[str] = []
    for one in ids:
        with suppress(NoSuchRender):
            found.append((await render_in_sight(interaction, one)).id)
    return tuple(found)
