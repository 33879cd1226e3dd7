-- Times are milliseconds since 1970, UTC; amounts are credits.

create table renders (
    id text not null primary key check (length(id) = 8),
    interaction_id integer not null unique,
    server_id integer not null,
    channel_id integer not null,
    member_id integer not null,
    age_restricted integer not null check (age_restricted in (0, 1)),
    state text not null check (state in (
        'awaiting_approval', 'queued', 'submitting', 'unknown', 'rendering', 'rendered',
        'undelivered', 'delivered', 'failed', 'cancelled'
    )),
    state_at_ms integer not null,
    created_at_ms integer not null,
    ready_at_ms integer not null,
    prompt text not null,
    request_digest text not null,
    model text not null,
    route text not null,
    remote_id text not null,
    duration_seconds integer not null check (duration_seconds > 0),
    resolution text not null,
    ratio text not null,
    seed integer,
    audio integer check (audio in (0, 1)),
    cost integer not null check (cost > 0),
    settled integer check (settled >= 0),
    provider text not null,
    base_url text not null,
    key_fingerprint text not null,
    attempts integer not null check (attempts >= 0),
    body_digest text,
    submitted_at_ms integer,
    task_id text,
    late_at_ms integer,
    video_url text,
    video_expires_at_ms integer,
    spool_name text,
    cause text check (cause in (
        'text_refused', 'image_refused', 'real_person_refused', 'audio_refused',
        'output_refused', 'bad_input', 'model_gone', 'out_of_funds', 'bad_key',
        'provider_failed', 'outcome_unknown', 'task_expired', 'video_missing',
        'cancelled_by_member', 'cancelled_by_moderator', 'cancelled_by_provider',
        'waited_too_long', 'card_impossible'
    )),
    detail text,
    told_at_ms integer
) strict;

create index renders_by_state on renders (state, created_at_ms);
create index renders_by_server on renders (server_id, created_at_ms);
create index renders_by_member on renders (server_id, member_id, created_at_ms);
-- Who was served when: the order of the queue.
create index renders_by_server_served on renders (server_id, submitted_at_ms);
create index renders_by_member_served on renders (server_id, member_id, submitted_at_ms);

create table frames (
    -- Here and in the ledger: kept before the render is, in the same transaction.
    render_id text not null references renders (id) deferrable initially deferred,
    role text not null check (role in ('first', 'last')),
    media_type text not null,
    width integer not null check (width > 0),
    height integer not null check (height > 0),
    data blob not null,
    primary key (render_id, role)
) strict;

create table messages (
    render_id text not null references renders (id),
    number integer not null check (number > 0),
    purpose text not null check (purpose in ('card', 'result')),
    channel_id integer not null,
    attempted_at_ms integer not null,
    message_id integer unique,
    primary key (render_id, number)
) strict;

create table accounts (
    id integer primary key,
    subject text not null check (subject in ('host', 'server', 'member')),
    span text not null check (span in ('hour', 'day', 'week', 'month')),
    server_id integer not null,
    member_id integer not null,
    starts_at_ms integer not null,
    ends_at_ms integer not null check (ends_at_ms > starts_at_ms),
    ceiling integer check (ceiling >= 0),
    held integer not null default 0 check (held >= 0),
    spent integer not null default 0 check (spent >= 0),
    unique (subject, span, server_id, member_id, starts_at_ms)
) strict;

create table ledger (
    id integer primary key,
    account_id integer not null references accounts (id),
    render_id text references renders (id) deferrable initially deferred,
    at_ms integer not null,
    entry text not null check (entry in ('hold', 'settle', 'release', 'book', 'refund')),
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
        end
    )
) strict;

create index ledger_by_account on ledger (account_id);
create index ledger_by_render on ledger (render_id);

create trigger ledger_keeps_its_lines before update on ledger begin
    select raise(abort, 'the ledger only grows');
end;

create trigger ledger_loses_no_line before delete on ledger begin
    select raise(abort, 'the ledger only grows');
end;

create table events (
    id integer primary key,
    render_id text references renders (id),
    at_ms integer not null,
    from_state text check (from_state in (
        'awaiting_approval', 'queued', 'submitting', 'unknown', 'rendering', 'rendered',
        'undelivered', 'delivered', 'failed', 'cancelled'
    )),
    to_state text check (to_state in (
        'awaiting_approval', 'queued', 'submitting', 'unknown', 'rendering', 'rendered',
        'undelivered', 'delivered', 'failed', 'cancelled'
    )),
    author text not null,
    why text not null
) strict;

create index events_by_render on events (render_id);

create trigger events_keep_their_rows before update on events begin
    select raise(abort, 'events only grow');
end;

create trigger events_lose_no_row before delete on events begin
    select raise(abort, 'events only grow');
end;

create table settings (
    name text not null primary key,
    value text not null
) strict;

create table pauses (
    server_id integer not null primary key,
    author_id integer not null,
    reason text not null,
    at_ms integer not null
) strict;
