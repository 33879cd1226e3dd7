"""Keep the rules that limit servers, roles and members."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import fields

from storage import events
from storage.database import Row, Transaction, Value
from storage.records import LARGEST_AMOUNT, Event, Holder, Rule

_KEY = ("server_id", "holder", "holder_id")
_LIMITS = tuple(field.name for field in fields(Rule) if field.name not in _KEY)
_THIS_RULE = "server_id = :server_id and holder = :holder and holder_id = :holder_id"


async def put(tx: Transaction, rule: Rule, *, author: str, at_ms: int) -> None:
    """Set a rule in place of the one before, and write the act down; the same again is no act."""
    new = _plain(rule)
    for name in _LIMITS:
        if isinstance(value := new[name], int) and not 0 <= value <= LARGEST_AMOUNT:
            raise ValueError(f"{name} cannot be {value}")
    old = await _find(tx, rule)
    if old == rule:
        return
    await tx.execute(
        f"""
        insert into rules ({", ".join((*_KEY, *_LIMITS))})
        values ({", ".join(f":{name}" for name in (*_KEY, *_LIMITS))})
        on conflict (server_id, holder, holder_id) do update
        set {", ".join(f"{name} = excluded.{name}" for name in _LIMITS)}
        """,  # noqa: S608 - names of fields
        new,
    )
    await _note(tx, "limits.set", old, rule, author=author, at_ms=at_ms)


async def clear(
    tx: Transaction, *, server_id: int, holder: Holder, holder_id: int, author: str, at_ms: int
) -> bool:
    """Drop a rule, and write the act down; say whether there was one."""
    nothing = Rule(server_id=server_id, holder=holder, holder_id=holder_id)
    old = await _find(tx, nothing)
    if old is None:
        return False
    await tx.execute(f"delete from rules where {_THIS_RULE}", _named(nothing))  # noqa: S608 - a constant
    await _note(tx, "limits.clear", old, nothing, author=author, at_ms=at_ms)
    return True


async def of_server(tx: Transaction, server_id: int) -> tuple[Rule, ...]:
    """Return every rule of a server: the server's, everyone's, roles', members'."""
    rows = await tx.fetch_all(
        """
        select * from rules where server_id = :server_id
        order by case holder
            when 'server' then 1 when 'everyone' then 2 when 'role' then 3 else 4
        end, holder_id
        """,
        {"server_id": server_id},
    )
    return tuple(_rule(row) for row in rows)


async def applying(
    tx: Transaction, *, server_id: int, member_id: int, role_ids: Collection[int]
) -> tuple[Rule, ...]:
    """Return the rules that concern a member with these roles, in the same order."""
    # No role has the id 0, and no list may be empty.
    roles: dict[str, Value] = {f"role_{number}": role for number, role in enumerate((0, *role_ids))}
    rows = await tx.fetch_all(
        f"""
        select * from rules
        where server_id = :server_id and (
            holder in ('server', 'everyone')
            or holder = 'member' and holder_id = :member_id
            or holder = 'role' and holder_id in ({", ".join(f":{name}" for name in roles)})
        )
        order by case holder
            when 'server' then 1 when 'everyone' then 2 when 'role' then 3 else 4
        end, holder_id
        """,  # noqa: S608 - placeholders
        {**roles, "server_id": server_id, "member_id": member_id},
    )
    return tuple(_rule(row) for row in rows)


async def _find(tx: Transaction, rule: Rule) -> Rule | None:
    row = await tx.fetch_one(f"select * from rules where {_THIS_RULE}", _named(rule))  # noqa: S608 - a constant
    return _rule(row) if row else None


async def _note(
    tx: Transaction, action: str, old: Rule | None, new: Rule, *, author: str, at_ms: int
) -> None:
    whom = new.holder.value
    act = Event(
        render_id=None,
        at_ms=at_ms,
        author=author,
        why=action,
        server_id=new.server_id,
        action=action,
        target=f"{whom}:{new.holder_id}" if new.holder_id else whom,
        old_value=_written(old) if old else "",
        new_value=_written(new),
    )
    await events.add(tx, act)


def _written(rule: Rule) -> str:
    plain = _plain(rule)
    return events.written(
        {name: plain[name] for name in _LIMITS if getattr(rule, name) not in {None, ()}}
    )


def _named(rule: Rule) -> dict[str, Value]:
    return {name: getattr(rule, name) for name in _KEY}


def _plain(rule: Rule) -> Row:
    values: Row = {name: getattr(rule, name) for name in _LIMITS}
    return {**_named(rule), **values, "models": events.listed(rule.models)}


def _rule(row: Row) -> Rule:
    values: Row = {
        **row,
        "holder": Holder(row["holder"]),
        "models": tuple(json.loads(row["models"])),
    }
    return Rule(**values)
