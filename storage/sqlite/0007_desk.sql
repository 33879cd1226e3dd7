-- A cause more needs a new check, and a check goes with its column only.
alter table renders rename column cause to old_cause;
alter table renders add column cause text check (cause in (
    'text_refused', 'image_refused', 'real_person_refused', 'audio_refused',
    'output_refused', 'bad_input', 'model_gone', 'out_of_funds', 'bad_key',
    'provider_failed', 'outcome_unknown', 'task_expired', 'video_missing',
    'cancelled_by_member', 'cancelled_by_moderator', 'cancelled_by_provider',
    'waited_too_long', 'card_impossible', 'denied', 'not_approved'
));
update renders set cause = old_cause where old_cause is not null;
alter table renders drop column old_cause;

-- Why a moderator had to say yes first; null where nobody had to.
alter table renders add column review text check (review in (
    'always', 'images', 'newcomers', 'newcomers_images', 'words'
));

-- Where, and for whom, a moderator says yes first. A place is a channel, a thread, a category, or
-- the server by its own id.
create table approvals (
    server_id integer not null,
    kind text not null check (kind in ('place', 'role')),
    holder_id integer not null,
    approval text not null check (approval in ('always', 'images', 'newcomers', 'never')),
    primary key (server_id, kind, holder_id)
) strict;

-- Patterns as they are compared: normalised.
create table words (
    server_id integer not null,
    pattern text not null,
    consequence text not null check (consequence in ('refuse', 'approve')),
    primary key (server_id, pattern)
) strict;

create table newcomers (
    server_id integer not null primary key,
    account_days integer not null check (account_days >= 0),
    member_days integer not null check (member_days >= 0),
    paused_until_ms integer
) strict;

-- When a newcomer asked for a video for the first time.
create table debuts (
    server_id integer not null,
    member_id integer not null,
    at_ms integer not null,
    primary key (server_id, member_id)
) strict;

create index debuts_by_time on debuts (server_id, at_ms);

-- The last block of each member; one that ended or was lifted ends in the past.
create table blocks (
    server_id integer not null,
    member_id integer not null,
    at_ms integer not null,
    -- Null: for good.
    until_ms integer,
    reason text not null,
    -- A moderator's id in digits, or "engine".
    author text not null,
    primary key (server_id, member_id)
) strict;

-- One of a member about a render.
create table reports (
    render_id text not null references renders (id),
    member_id integer not null,
    at_ms integer not null,
    reason text not null,
    primary key (render_id, member_id)
) strict;

create index reports_by_member on reports (member_id, at_ms);
