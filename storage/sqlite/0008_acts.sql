-- What a moderator took down: who, why, and since when nothing of it is left to be seen.
alter table renders add column taken_down_at_ms integer;
alter table renders add column taken_down_by integer;
alter table renders add column taken_down_why text;
alter table renders add column removed_at_ms integer;

create index renders_taken_down on renders (taken_down_at_ms) where taken_down_at_ms is not null;
-- A task is one render's.
create index renders_by_task on renders (task_id) where task_id is not null;

-- A purpose more: what a member is told beside the result.
alter table messages rename to old_messages;

create table messages (
    render_id text not null references renders (id),
    number integer not null check (number > 0),
    purpose text not null check (purpose in ('card', 'result', 'notice')),
    channel_id integer not null,
    attempted_at_ms integer not null,
    message_id integer unique,
    primary key (render_id, number)
) strict;

insert into messages (render_id, number, purpose, channel_id, attempted_at_ms, message_id)
select render_id, number, purpose, channel_id, attempted_at_ms, message_id from old_messages;

drop table old_messages;

-- Who closed a server to new renders while what waits goes on.
create table drains (
    server_id integer not null primary key,
    author_id integer not null,
    reason text not null,
    at_ms integer not null
) strict;
