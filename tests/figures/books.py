"""Write the books of a bot that has been busy for two months: a million ledger lines."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from storage import Database, ledger

# Six lines each: the host, the server and the member hold, then settle or release.
RENDERS = 166_667
DAYS = 60
# The busiest of four servers has six renders of ten; its members are not alike either.
SERVER = 111_111_111_111_111_111
MEMBERS = 2_000
DAY_MS = 86_400_000

_MADE = """
    create temp table made as
    with recursive numbers (number) as (
        select 0 union all select number + 1 from numbers where number < :renders - 1
    ), drawn as (
        select number,
            :ends_at_ms - :span_ms + number * :span_ms / :renders as at_ms,
            number * 7919 % 10 as part,
            number * 104729 % 1009 as luck,
            number * 31337 % 7 as kind
        from numbers
    )
    select number, printf('%08X', number) as id, at_ms, at_ms / 900000 * 900000 as quarter,
        :server + case when part < 6 then 0 when part < 8 then 1 else part - 6 end as server_id,
        1000 + luck * luck * :members / (1009 * 1009) as member_id,
        luck % 3 as role_id, 500 + kind as channel_id,
        case kind % 3 when 0 then 'doubao-seedance-1-5-pro-251215'
            when 1 then 'seedance-2-5' else 'doubao-seedance-2-0' end as model,
        30 + 31 * kind as cost,
        case when number % 20 = 0 then 'failed' else 'delivered' end as state
    from drawn
"""

_RENDERS = """
    insert into renders (
        id, interaction_id, server_id, channel_id, member_id, role_id, age_restricted, state,
        state_at_ms, created_at_ms, ready_at_ms, prompt, request_digest, model, route, remote_id,
        duration_seconds, resolution, ratio, cost, settled, provider, base_url, key_fingerprint,
        attempts, submitted_at_ms, task_id, cause, told_at_ms
    )
    select id, 10000 + number, server_id, channel_id, member_id, nullif(role_id, 0), 0, state,
        at_ms + 180000, at_ms, at_ms + 5000,
        'A paper boat drifts on a quiet lake at dawn, seen from above, boat number ' || number,
        printf('%064x', number), model, 'tasks', model, 5, '720p', '16:9', cost,
        iif(state = 'failed', 0, cost), 'cometapi', 'https://provider.example', 'fingerprint',
        1, at_ms + 6000, 'task-' || number, iif(state = 'failed', 'provider_failed', null),
        at_ms + 180000
    from made
"""

_OWNERS = """
    create temp table owned as
    select 1 as place, 'host' as subject, 0 as server_id, 0 as member_id, * from (
        select number, id, at_ms, quarter, cost, state from made
    )
    union all
    select 2, 'server', server_id, 0, number, id, at_ms, quarter, cost, state from made
    union all
    select 3, 'member', server_id, member_id, number, id, at_ms, quarter, cost, state from made
"""

_ACCOUNTS = """
    insert into accounts (subject, span, server_id, member_id, starts_at_ms, ends_at_ms, spent)
    select subject, 'quarter', server_id, member_id, quarter, quarter + 900000,
        sum(iif(state = 'failed', 0, cost))
    from owned group by subject, server_id, member_id, quarter order by min(number), place
"""

# Up to eleven others come between the two lines of a hold and its end.
_LEDGER = """
    insert into ledger (account_id, render_id, at_ms, entry, held, spent, author, reason)
    select accounts.id, owned.id, at_ms + later * 180000,
        case when not later then 'hold' when state = 'failed' then 'release' else 'settle' end,
        iif(later, -cost, cost), iif(later and state <> 'failed', cost, 0),
        iif(later, 'engine', '1'), iif(later, state, 'admitted')
    from owned
        join (select 0 as later union all select 1)
        join accounts on accounts.subject = owned.subject and accounts.span = 'quarter'
            and accounts.server_id = owned.server_id and accounts.member_id = owned.member_id
            and accounts.starts_at_ms = quarter
    order by number + 12 * later, later, place
"""

_TOTALS = """
    insert into totals
        (server_id, starts_at_ms, member_id, role_id, channel_id, model, renders, credits)
    select server_id, quarter, member_id, role_id, channel_id, model, count(*), sum(cost)
    from made where state <> 'failed'
    group by server_id, quarter, member_id, role_id, channel_id, model
"""

_EVENTS = """
    insert into events (render_id, at_ms, from_state, to_state, author, why)
    select id, at_ms + after_ms, from_state, coalesce(to_state, state), 'engine', 'as told'
    from made join (
        select 0 as after_ms, null as from_state, 'queued' as to_state
        union all select 6000, 'queued', 'submitting'
        union all select 7000, 'submitting', 'rendering'
        union all select 170000, 'rendering', 'rendered'
        union all select 180000, 'rendered', null
    )
    order by number
"""

_MESSAGES = """
    insert into messages (render_id, number, purpose, channel_id, attempted_at_ms, message_id)
    select id, column1, column2, channel_id, at_ms, 10000 + 2 * made.number + column1
    from made join (values (1, 'card'), (2, 'result'))
"""


async def write(path: Path, *, ends_at_ms: int) -> None:
    """Make a database with these books, which balance."""
    url = f"sqlite:///{path}"
    async with Database.open(url):
        pass
    values = {
        "renders": RENDERS,
        "span_ms": DAYS * DAY_MS,
        "ends_at_ms": ends_at_ms,
        "server": SERVER,
        "members": MEMBERS,
    }
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("begin")
        connection.execute(_MADE, values)
        for statement in (_RENDERS, _OWNERS, _ACCOUNTS, _LEDGER, _TOTALS, _EVENTS, _MESSAGES):
            connection.execute(statement)
        connection.execute("commit")
    async with Database.inspect(url) as database:
        if differences := await database.read(ledger.check):
            raise RuntimeError(differences[0])
