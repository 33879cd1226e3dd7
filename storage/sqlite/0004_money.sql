-- An account now is a quarter of an hour of its owner; a window is the sum of its quarters.
alter table accounts rename to old_accounts;
alter table ledger rename to old_ledger;

create table accounts (
    id integer primary key,
    subject text not null check (subject in ('host', 'server', 'member', 'grant')),
    -- A day is from before there were quarters, and counts where it began. A month is too, and
    -- does not count: the host's days have the same lines.
    span text not null check (span in ('quarter', 'day', 'month', 'grant')),
    server_id integer not null,
    member_id integer not null,
    starts_at_ms integer not null,
    ends_at_ms integer not null check (ends_at_ms > starts_at_ms),
    held integer not null default 0 check (held >= 0),
    -- What a grant gave is less than nothing spent.
    spent integer not null default 0
        check (case subject when 'grant' then spent + held <= 0 else spent >= 0 end)
) strict;

create table ledger (
    id integer primary key,
    account_id integer not null references accounts (id),
    render_id text references renders (id) deferrable initially deferred,
    at_ms integer not null,
    entry text not null check (entry in (
        'hold', 'settle', 'release', 'book', 'refund', 'grant', 'reset'
    )),
    held integer not null,
    spent integer not null,
    author text not null,
    reason text not null,
    check (
        case entry
            when 'hold' then held > 0 and spent = 0
            when 'settle' then held < 0 and spent between 0 and -held
            when 'release' then held < 0 and spent = 0
            when 'book' then held = 0 and spent > 0
            when 'refund' then held = 0 and spent < 0
            when 'grant' then held = 0 and spent < 0
            -- Above zero where a refund comes after the reset that gave the same credits back.
            when 'reset' then held = 0 and spent <> 0
        end
    )
) strict;

insert into accounts
    (id, subject, span, server_id, member_id, starts_at_ms, ends_at_ms, held, spent)
select id, subject, span, server_id, member_id, starts_at_ms, ends_at_ms, held, spent
from old_accounts;

insert into ledger (id, account_id, render_id, at_ms, entry, held, spent, author, reason)
select id, account_id, render_id, at_ms, entry, held, spent, author, reason
from old_ledger order by id;

drop table old_ledger;
drop table old_accounts;

create unique index accounts_by_quarter
    on accounts (subject, server_id, member_id, starts_at_ms) where span = 'quarter';
-- A window is summed from this index alone.
create index accounts_by_owner
    on accounts (subject, server_id, member_id, starts_at_ms, span, held, spent);

-- Servers had no accounts: what their members used is what they used.
insert into accounts (subject, span, server_id, member_id, starts_at_ms, ends_at_ms, held, spent)
select 'server', span, server_id, 0, starts_at_ms, max(ends_at_ms), sum(held), sum(spent)
from accounts where subject = 'member'
group by span, server_id, starts_at_ms;

insert into ledger (account_id, render_id, at_ms, entry, held, spent, author, reason)
select servers.id, render_id, at_ms, entry, ledger.held, ledger.spent, author, reason
from ledger
    join accounts as members on members.id = account_id and members.subject = 'member'
    join accounts as servers on servers.subject = 'server'
        and servers.server_id = members.server_id and servers.span = members.span
        and servers.starts_at_ms = members.starts_at_ms
order by ledger.id;

-- Every account is checked against its lines from this index alone.
create index ledger_by_account on ledger (account_id, held, spent);
create index ledger_by_render on ledger (render_id);
-- Who gave how much lately.
create index ledger_by_giver on ledger (author, at_ms) where entry = 'grant';

create trigger ledger_keeps_its_lines before update on ledger begin
    select raise(abort, 'the ledger only grows');
end;

create trigger ledger_loses_no_line before delete on ledger begin
    select raise(abort, 'the ledger only grows');
end;

alter table renders add column role_id integer;

alter table events add column server_id integer;
alter table events add column action text not null default '';
alter table events add column target text not null default '';
alter table events add column old_value text not null default '';
alter table events add column new_value text not null default '';

create index events_by_act on events (server_id, id) where action <> '';

create table servers (
    server_id integer not null primary key,
    opened integer not null check (opened in (0, 1)),
    time_zone text,
    -- Ids as a JSON list, here and for models below.
    channel_ids text not null,
    role_ids text not null,
    staff_channel_id integer,
    audit_channel_id integer,
    given_daily_credits integer check (given_daily_credits >= 0)
) strict;

-- An upgrade closes nobody's server.
insert into servers (server_id, opened, channel_ids, role_ids)
select distinct server_id, 1, '[]', '[]' from renders;

create table rules (
    server_id integer not null,
    holder text not null check (holder in ('server', 'everyone', 'role', 'member')),
    holder_id integer not null,
    hour_credits integer check (hour_credits >= 0),
    day_credits integer check (day_credits >= 0),
    week_credits integer check (week_credits >= 0),
    month_credits integer check (month_credits >= 0),
    renders_at_once integer check (renders_at_once >= 0),
    queue_length integer check (queue_length >= 0),
    longest_seconds integer check (longest_seconds >= 0),
    highest_resolution text,
    models text not null,
    primary key (server_id, holder, holder_id),
    check ((holder_id = 0) = (holder in ('server', 'everyone')))
) strict;

create table role_grants (
    id integer primary key,
    server_id integer not null,
    role_id integer not null,
    credits integer not null check (credits > 0),
    at_ms integer not null,
    expires_at_ms integer not null check (expires_at_ms > at_ms),
    author text not null,
    reason text not null
) strict;

create index role_grants_by_end on role_grants (server_id, expires_at_ms);

-- Which member has had which of them, as which grant.
create table collections (
    role_grant_id integer not null references role_grants (id),
    member_id integer not null,
    account_id integer not null unique references accounts (id),
    primary key (role_grant_id, member_id)
) strict;

-- What a server's renders cost, by the quarter of an hour in which they were accepted; kept in the
-- order of its key, in which a day is read.
create table totals (
    server_id integer not null,
    starts_at_ms integer not null,
    member_id integer not null,
    -- 0: no role's rule applied.
    role_id integer not null,
    channel_id integer not null,
    model text not null,
    renders integer not null check (renders >= 0),
    credits integer not null check (credits >= 0),
    primary key (server_id, starts_at_ms, member_id, role_id, channel_id, model)
) strict, without rowid;

insert into totals
    (server_id, starts_at_ms, member_id, role_id, channel_id, model, renders, credits)
select server_id, starts_at_ms, member_id, 0, channel_id, model, count(*), sum(spent)
from (
    select accounts.server_id, accounts.starts_at_ms, renders.member_id, channel_id, model,
        sum(ledger.spent) as spent
    from ledger
        join accounts on accounts.id = account_id and subject = 'server'
        join renders on renders.id = render_id
    group by render_id, accounts.id
    having sum(entry = 'settle') > 0 and sum(entry = 'refund') = 0
) as settled
group by server_id, starts_at_ms, member_id, channel_id, model;
