from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
import pytest

from sandbox.discord import ClientRefused

if TYPE_CHECKING:
    from tests.sandbox.discord.conftest import Scene


def _teach(scene: Scene) -> list[Any]:
    """Teach the bot a command that takes one of everything, and only notes it."""
    got: list[Any] = []

    @scene.bot.tree.command(description="Limit")
    async def limit(
        interaction: discord.Interaction,
        user: discord.User | None = None,
        role: discord.Role | None = None,
        either: discord.Member | discord.Role | None = None,
        text: discord.TextChannel | None = None,
        place: discord.TextChannel | discord.CategoryChannel | discord.Thread | None = None,
    ) -> None:
        got.extend(each for each in (user, role, either, text, place) if each)
        await interaction.response.send_message("ok", ephemeral=True)

    return got


async def test_members_roles_and_channels_reach_the_bot_as_what_they_are(scene: Scene) -> None:
    got = _teach(scene)
    role = scene.server.add_role("Artists")
    scene.mia.give(role)
    await scene.start()
    await scene.ana.command(
        scene.channel, "limit", user=scene.mia, role=role, either=role, text=scene.channel
    )
    member, as_role, either, text = got
    assert isinstance(member, discord.Member)
    assert (member.id, [each.id for each in member.roles[-1:]]) == (scene.mia.id, [role.id])
    assert (as_role.id, as_role.name) == (role.id, "Artists")
    assert either == as_role
    assert (text.id, text.name) == (scene.channel.id, "clips")


async def test_a_mentionable_is_a_member_too(scene: Scene) -> None:
    got = _teach(scene)
    await scene.start()
    await scene.ana.command(scene.channel, "limit", either=scene.server.bot_member)
    assert isinstance(got[0], discord.Member)
    assert got[0].bot


async def test_who_has_left_is_a_user_and_no_member(scene: Scene) -> None:
    got = _teach(scene)
    await scene.start()
    await scene.mia.leave()
    for gone in (scene.mia, scene.mia.person):
        await scene.ana.command(scene.channel, "limit", user=gone)
    assert [type(each) for each in got] == [discord.User, discord.User]


async def test_threads_and_categories_are_places(scene: Scene) -> None:
    got = _teach(scene)
    await scene.start()
    category = scene.server.add_category("Art")
    inside = scene.server.add_channel("oils", category=category)
    for place in (category, scene.channel.add_thread("remix"), inside):
        await scene.ana.command(scene.channel, "limit", place=place)
    assert [each.type.name for each in got] == ["category", "public_thread", "text"]
    assert got[1].parent_id == scene.channel.id
    assert got[2].category_id == category.id


async def test_a_client_offers_only_what_fits_the_option(scene: Scene) -> None:
    got = _teach(scene)
    await scene.start()
    elsewhere = scene.discord.add_server("Elsewhere")
    hidden, category = scene.server.add_channel("hidden"), scene.server.add_category("Art")
    hidden.hide_from(scene.ana)
    role = scene.server.add_role("Artists")
    wrong: list[tuple[str, object]] = [
        ("user", role),
        ("user", "Mia"),
        ("role", scene.mia),
        ("role", elsewhere.everyone),
        ("either", scene.channel),
        ("text", category),
        ("text", hidden),
        ("place", elsewhere.add_channel("clips")),
        ("place", role),
    ]
    for option, value in wrong:
        with pytest.raises(ClientRefused, match=option):
            await scene.ana.command(scene.channel, "limit", **{option: value})
    scene.server.delete_role(role)
    with pytest.raises(ClientRefused, match="role does not take"):
        await scene.ana.command(scene.channel, "limit", role=role)
    assert got == []


async def test_an_interaction_says_what_roles_and_permissions_its_member_has(scene: Scene) -> None:
    seen: list[discord.Interaction] = []

    @scene.bot.tree.command(description="Look")
    async def look(interaction: discord.Interaction) -> None:
        seen.append(interaction)
        await interaction.response.send_message("seen")

    role, admin = scene.server.add_role("Artists"), scene.server.add_admin("Ada")
    scene.ana.give(role)
    await scene.start()
    await scene.ana.command(scene.channel, "look")
    scene.ana.take(role)
    await scene.ana.command(scene.channel, "look")
    await admin.command(scene.channel, "look")
    roles = [interaction.user.get_role(role.id) is not None for interaction in seen]  # pyright: ignore[reportAttributeAccessIssue] - a member, since it is in a server
    assert roles == [True, False, False]
    assert [each.permissions.manage_guild for each in seen] == [False, False, True]
