"""People, and what they do with the bot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord.client import Choice, ClientRefused, CommandLine, menu_command
from sandbox.discord.components import Kind
from sandbox.discord.forms import chosen, fill_form
from sandbox.discord.interactions import Interaction, InteractionKind, Reply
from sandbox.discord.permissions import EVERYTHING, Permission, base_permissions
from sandbox.discord.resolved import Resolved
from sandbox.discord.wire import Json, iso

if TYPE_CHECKING:
    from sandbox.discord.channels import Channel
    from sandbox.discord.messages import Message
    from sandbox.discord.permissions import Role
    from sandbox.discord.servers import Server

MEMBER_FOR_SECONDS = 30 * 86_400.0


class Person:
    """A Discord account."""

    def __init__(self, person_id: int, name: str, *, is_bot: bool = False) -> None:
        self.id = person_id
        self.name = name
        self.is_bot = is_bot
        self.accepts_direct_messages = True
        # The direct messages with the bot, once it opened them.
        self.conversation: Channel | None = None

    @property
    def mention(self) -> str:
        """Give `<@id>`."""
        return f"<@{self.id}>"

    @property
    def direct_messages(self) -> list[Message]:
        """Give what the bot wrote to this person directly."""
        return self.conversation.messages if self.conversation else []

    def close_direct_messages(self) -> None:
        """Accept none from now on."""
        self.accepts_direct_messages = False

    def resolved_for(self, viewer: Member) -> Json:
        """Give what an interaction of this viewer says of somebody who is not in the server."""
        member = viewer.server.member(self.id)
        return member.resolved_for(viewer) if member else {"users": self.payload()}

    def payload(self) -> Json:
        """Give the API's user object."""
        return {
            "id": str(self.id),
            "username": self.name.lower().replace(" ", "_"),
            "global_name": None if self.is_bot else self.name,
            "discriminator": "0000" if self.is_bot else "0",
            "avatar": None,
            "avatar_decoration_data": None,
            "banner": None,
            "accent_color": None,
            "bot": self.is_bot,
            "collectibles": None,
            "flags": 0,
            "primary_guild": None,
            "public_flags": 0,
        }


class Member:
    """A person in a server. Everything that a person does with the bot starts here."""

    def __init__(self, person: Person, server: Server, roles: list[Role], *, nitro: bool) -> None:
        self.person = person
        self.server = server
        self.roles = roles
        self.nitro = nitro
        # Nobody is new here, unless a story says so.
        self.joined_at = server.world.clock.now() - MEMBER_FOR_SECONDS
        self._timed_out_until = 0.0

    @property
    def id(self) -> int:
        """Give the account's id."""
        return self.person.id

    @property
    def name(self) -> str:
        """Give the account's name."""
        return self.person.name

    @property
    def mention(self) -> str:
        """Give `<@id>`."""
        return self.person.mention

    @property
    def direct_messages(self) -> list[Message]:
        """Give what the bot wrote to this person directly."""
        return self.person.direct_messages

    @property
    def owns_server(self) -> bool:
        """Tell whether the server is theirs."""
        return self.server.owner is self

    @property
    def timed_out(self) -> bool:
        """Tell whether a moderator has silenced them."""
        return self._timed_out_until > self.server.world.clock.now()

    async def command(self, channel: Channel, name: str, /, **options: object) -> Reply:
        """Send a slash command ("queue list" names a subcommand), wait for its acknowledgement.

        Raise ClientRefused for what a client would not send, NoAnswer after 3 s.
        """
        line = self._command_line(channel, name)
        data = line.fill(options, Resolved(self, channel))
        return await self._interact(InteractionKind.COMMAND, channel, data)

    async def autocomplete(
        self, channel: Channel, name: str, option: str, typed: str, /, **others: object
    ) -> list[Choice]:
        """Type into one option of a command and give the suggestions."""
        line = self._command_line(channel, name)
        data = line.type_into(option, typed, others, Resolved(self, channel))
        reply = await self._interact(InteractionKind.AUTOCOMPLETE, channel, data)
        return [Choice(name=each["name"], value=each["value"]) for each in reply.choices]

    async def press(self, on: Message | Reply, label: str = "", *, custom_id: str = "") -> Reply:
        """Press a button, by label or custom_id, and wait for the acknowledgement."""
        message = on.message if isinstance(on, Reply) else on
        self._check_sees(message.channel)
        if message.deleted or message.private_to not in {None, self.person}:
            raise ClientRefused(f"{self.name} does not see this message")
        button = message.button(label, custom_id=custom_id)
        if button.disabled or button.custom_id is None:
            raise ClientRefused(f"the button {button.label!r} is disabled or a link")
        data = {"component_type": Kind.BUTTON, "custom_id": button.custom_id, "id": 0}
        return await self._interact(InteractionKind.COMPONENT, message.channel, data, message)

    async def choose(self, on: Message | Reply, name: str, /, *things: object) -> Reply:
        """Choose in a select, which is found by what it shows; nothing takes away what was chosen.

        What can be chosen are texts by label or value, and members, roles and channels themselves.
        """
        message = on.message if isinstance(on, Reply) else on
        self._check_sees(message.channel)
        if message.deleted or message.private_to not in {None, self.person}:
            raise ClientRefused(f"{self.name} does not see this message")
        select = message.select(name)
        if select.get("disabled"):
            raise ClientRefused(f"the select {name!r} is disabled")
        resolved = Resolved(self, message.channel)
        values = chosen(select, [list(things)], resolved) if things else []
        if len(values) < select.get("min_values", 1):
            raise ClientRefused(f"{name!r} takes at least {select.get('min_values', 1)}")
        data = {"component_type": select["type"], "custom_id": select["custom_id"], "id": 0}
        data = resolved.beside(data | {"values": values})
        return await self._interact(InteractionKind.COMPONENT, message.channel, data, message)

    async def choose_in_menu(self, message: Message, name: str) -> Reply:
        """Choose a command in the menu of a message, and wait for the acknowledgement."""
        self._check_sees(message.channel)
        if message.deleted or message.private_to not in {None, self.person}:
            raise ClientRefused(f"{self.name} does not see this message")
        command = menu_command(self.server.world.commands_in(self.server), name)
        self._check_may_use(command, message.channel)
        data = {"id": command["id"], "name": name, "type": command["type"]}
        data |= {
            "target_id": str(message.id),
            "resolved": {"messages": {str(message.id): message.payload()}},
        }
        return await self._interact(InteractionKind.COMMAND, message.channel, data)

    async def submit(self, form: Reply, /, **values: object) -> Reply:
        """Fill in and send a form, fields by label or custom_id; the rest stays as it is."""
        opened_by = form.interaction
        if form.form is None or opened_by.member is not self:
            raise ClientRefused(f"no form was opened for {self.name}")
        self._check_sees(opened_by.channel)
        resolved = Resolved(self, opened_by.channel)
        components = fill_form(form.form["components"], values, resolved)
        data = resolved.beside({"custom_id": form.form["custom_id"], "components": components})
        return await self._interact(
            InteractionKind.FORM, opened_by.channel, data, opened_by=opened_by
        )

    async def repeat(self, reply: Reply) -> None:
        """Let Discord deliver the same interaction (same id and token) once more."""
        reply.interaction.send()

    async def leave(self) -> None:
        """Leave the server."""
        self.server.members.remove(self)
        data = {"guild_id": str(self.server.id), "user": self.person.payload()}
        self.server.world.emit("GUILD_MEMBER_REMOVE", data, self.server)

    def give(self, role: Role) -> None:
        """Get a role."""
        self.roles.append(role)
        self._changed()

    def take(self, role: Role) -> None:
        """Lose a role."""
        self.roles.remove(role)
        self._changed()

    def time_out(self, minutes: int = 60) -> None:
        """Be silenced by a moderator."""
        self._timed_out_until = self.server.world.clock.now() + 60 * minutes
        self._changed()

    def _changed(self) -> None:
        data = {"guild_id": str(self.server.id)} | self.payload()
        self.server.world.emit("GUILD_MEMBER_UPDATE", data, self.server)

    def _command_line(self, channel: Channel, name: str) -> CommandLine:
        self._check_sees(channel)
        line = CommandLine(self.server.world.commands_in(self.server), name)
        self._check_may_use(line.command, channel)
        return line

    def _check_may_use(self, command: Json, channel: Channel) -> None:
        name: str = command["name"]
        permissions = channel.permissions_of(self)
        wanted = Permission(int(command["default_member_permissions"] or 0))
        only_admins = command["default_member_permissions"] == "0"
        allowed = permissions == EVERYTHING if only_admins else wanted in permissions
        if not allowed or Permission.USE_APPLICATION_COMMANDS not in permissions:
            raise ClientRefused(f"{self.name} may not use {name!r}")
        if command["nsfw"] and not channel.age_restricted:
            raise ClientRefused(f"{name!r} is for age-restricted channels")

    def _check_sees(self, channel: Channel) -> None:
        if channel.recipient is self.person:
            return
        here = channel.server is self.server and self in self.server.members
        if channel.deleted or not here or not channel.permissions_of(self):
            raise ClientRefused(f"{self.name} does not see #{channel.name}")
        if self.timed_out or not self.server.bot_is_in:
            raise ClientRefused(f"{self.name} is timed out, or the bot is not in this server")

    async def _interact(
        self,
        kind: InteractionKind,
        channel: Channel,
        data: Json,
        pressed: Message | None = None,
        opened_by: Interaction | None = None,
    ) -> Reply:
        interaction = Interaction(
            world=self.server.world,
            kind=kind,
            member=self,
            channel=channel,
            data=data,
            pressed=pressed,
            opened_by=opened_by,
        )
        return await interaction.answered()

    def resolved_for(self, viewer: Member) -> Json:
        """Give what an interaction of this viewer says of them; less if they have left."""
        user = {"users": self.person.payload()}
        if self not in viewer.server.members:
            return user
        missing = ("user", "deaf", "mute")
        member = {key: value for key, value in self.payload().items() if key not in missing}
        member["permissions"] = str(int(base_permissions(self.roles)))
        return user | {"members": member}

    def payload(self) -> Json:
        """Give the API's member object."""
        until = self._timed_out_until
        return {
            "user": self.person.payload(),
            "nick": None,
            "avatar": None,
            "banner": None,
            "communication_disabled_until": iso(until) if self.timed_out else None,
            "deaf": False,
            "flags": 0,
            "joined_at": iso(self.joined_at),
            "mute": False,
            "pending": False,
            "premium_since": None,
            "roles": [str(role.id) for role in self.roles[1:]],
        }
