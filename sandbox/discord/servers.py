"""Servers, which the API calls guilds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord.channels import CATEGORY, TEXT, Channel
from sandbox.discord.people import Member, Person
from sandbox.discord.permissions import BOT, EVERYBODY, Permission, Role
from sandbox.discord.wire import Json, created_at, iso

if TYPE_CHECKING:
    from sandbox.discord.resolved import Referable
    from sandbox.discord.world import World

# What the API says about every server and no bot of ours looks at.
CONSTANTS: Json = {
    "afk_channel_id": None,
    "afk_timeout": 300,
    "application_id": None,
    "banner": None,
    "default_message_notifications": 1,
    "description": None,
    "discovery_splash": None,
    "emojis": [],
    "explicit_content_filter": 0,
    "features": [],
    "home_header": None,
    "hub_type": None,
    "icon": None,
    "incidents_data": None,
    "max_members": 500_000,
    "max_presences": None,
    "max_stage_video_channel_users": 50,
    "max_video_channel_users": 25,
    "mfa_level": 0,
    "nsfw": False,
    "nsfw_level": 0,
    "preferred_locale": "en-US",
    "premium_progress_bar_enabled": False,
    "premium_subscription_count": 0,
    "public_updates_channel_id": None,
    "region": "deprecated",
    "rules_channel_id": None,
    "safety_alerts_channel_id": None,
    "splash": None,
    "stickers": [],
    "system_channel_flags": 0,
    "vanity_url_code": None,
    "verification_level": 1,
    "widget_channel_id": None,
    "widget_enabled": False,
}


class Server:
    """A server ("guild" in the API) with an owner; the bot joins it with a role of its own."""

    def __init__(self, world: World, name: str, boost_tier: int, *, bot_is_in: bool) -> None:
        self.world = world
        self.id = world.ids.next()
        self.name = name
        self.boost_tier = boost_tier
        self.bot_is_in = bot_is_in
        self.unavailable = False
        # Where Discord welcomes who joins.
        self.system_channel: Channel | None = None
        self.members: list[Member] = []
        self.everyone = Role(self.id, "@everyone", 0, EVERYBODY)
        self.roles = [self.everyone]
        self.owner = self._add(world.add_person(f"Owner of {name}"), [], nitro=False)
        bot_role = self._add_role(world.bot.name, BOT, bot_id=world.bot.id)
        self.bot_member = self._add(world.bot, [bot_role], nitro=False)

    @property
    def channels(self) -> list[Channel]:
        """Give the channels that still are, without threads."""
        return [each for each in self.places() if not each.is_thread]

    def places(self) -> list[Channel]:
        """Give the channels and threads that still are."""
        everywhere = self.world.channels.values()
        return [each for each in everywhere if each.server is self and not each.deleted]

    def add_channel(
        self, name: str, *, age_restricted: bool = False, category: Channel | None = None
    ) -> Channel:
        """Add a text channel in which everybody, the bot too, may do the usual things."""
        return self._add_channel(TEXT, name, age_restricted=age_restricted, category=category)

    def add_category(self, name: str) -> Channel:
        """Add a category for channels."""
        return self._add_channel(CATEGORY, name)

    def _add_channel(
        self,
        kind: int,
        name: str,
        *,
        age_restricted: bool = False,
        category: Channel | None = None,
    ) -> Channel:
        channel = Channel(
            world=self.world,
            id=self.world.ids.next(),
            kind=kind,
            name=name,
            server=self,
            category=category,
            age_restricted=age_restricted,
        )
        self.world.channels[channel.id] = channel
        self.world.emit("CHANNEL_CREATE", channel.payload(), self)
        return channel

    def add_member(
        self, who: str | Person, *, permissions: tuple[str, ...] = (), nitro: bool = False
    ) -> Member:
        """Let somebody join: a new person by name, or one who exists.

        Permissions (discord.py's names) come as a role; with Nitro a person may upload 500 MB.
        """
        person = self.world.add_person(who) if isinstance(who, str) else who
        roles = []
        if permissions:
            roles = [self._add_role(f"Role of {person.name}", Permission.named(permissions))]
        member = self._add(person, roles, nitro=nitro)
        self.world.emit("GUILD_MEMBER_ADD", member.payload() | {"guild_id": str(self.id)}, self)
        return member

    def add_moderator(self, who: str | Person) -> Member:
        """Let somebody join who has Manage Messages."""
        return self.add_member(who, permissions=("manage_messages",))

    def add_admin(self, who: str | Person) -> Member:
        """Let somebody join who has Manage Server and Manage Messages."""
        return self.add_member(who, permissions=("manage_guild", "manage_messages"))

    def _add(self, person: Person, roles: list[Role], *, nitro: bool) -> Member:
        member = Member(person, self, [self.everyone, *roles], nitro=nitro)
        self.members.append(member)
        return member

    def add_role(self, name: str) -> Role:
        """Add a role that allows nothing by itself; Member.give hands it out."""
        return self._add_role(name, Permission(0))

    def delete_role(self, role: Role) -> None:
        """Delete a role, and take it from whoever has it."""
        self.roles.remove(role)
        for member in self.members:
            if role in member.roles:
                member.take(role)
        data = {"guild_id": str(self.id), "role_id": str(role.id)}
        self.world.emit("GUILD_ROLE_DELETE", data, self)

    def _add_role(self, name: str, permissions: Permission, bot_id: int | None = None) -> Role:
        role = Role(self.world.ids.next(), name, len(self.roles), permissions, bot_id)
        self.roles.append(role)
        data = {"guild_id": str(self.id), "role": role.payload()}
        self.world.emit("GUILD_ROLE_CREATE", data, self)
        return role

    def member(self, person_id: int) -> Member | None:
        """Find who has this id, if they are here."""
        return next((each for each in self.members if each.id == person_id), None)

    def thing(self, thing_id: int) -> Referable | None:
        """Find the role, the place or the member with this id."""
        everything: list[Referable] = [*self.roles, *self.places(), *self.members]
        return next((each for each in everything if each.id == thing_id), None)

    def boost(self, tier: int) -> None:
        """Change the boost tier, and with it the file limit."""
        self.boost_tier = tier
        self.world.emit("GUILD_UPDATE", self.payload(), self)

    def remove_bot(self) -> None:
        """Throw the bot out."""
        self.world.emit("GUILD_DELETE", {"id": str(self.id)}, self)
        self.bot_is_in = False

    def invite_bot(self) -> None:
        """Let the bot in, for the first time or again."""
        self.bot_is_in = True
        # Only of a server that was known before does Discord say whether it is available.
        joined = self.creation()
        del joined["unavailable"]
        self.world.emit("GUILD_CREATE", joined, self)

    def become_unavailable(self) -> None:
        """Have an outage: the server vanishes for a while, the bot is still in it."""
        self.world.emit("GUILD_DELETE", {"id": str(self.id), "unavailable": True}, self)
        self.unavailable = True

    def become_available(self) -> None:
        """End the outage."""
        self.unavailable = False
        self.world.emit("GUILD_CREATE", self.creation(), self)

    def payload(self) -> Json:
        """Give the API's guild object."""
        return CONSTANTS | {
            "id": str(self.id),
            "name": self.name,
            "owner_id": str(self.owner.id),
            "premium_tier": self.boost_tier,
            "roles": [role.payload() for role in self.roles],
            "system_channel_id": str(self.system_channel.id) if self.system_channel else None,
        }

    def creation(self) -> Json:
        """Give what GUILD_CREATE carries; of the members only the bot, since it has no intent."""
        nothing: Json = {
            key: []
            for key in (
                "guild_scheduled_events",
                "presences",
                "soundboard_sounds",
                "stage_instances",
                "voice_states",
            )
        }
        return (
            self.payload()
            | nothing
            | {
                "joined_at": iso(created_at(self.id)),
                "large": False,
                "unavailable": False,
                "member_count": len(self.members),
                "members": [self.bot_member.payload()],
                "channels": [channel.payload() for channel in self.channels],
                "threads": [
                    place.payload()
                    for place in self.places()
                    if place.is_thread and not place.archived
                ],
            }
        )
