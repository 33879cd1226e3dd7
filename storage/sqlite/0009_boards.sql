-- Where a server shows its desk to its staff. No channel: nowhere. Closed: since when that channel
-- takes nothing.
create table boards (
    server_id integer not null primary key,
    channel_id integer,
    -- What was posted before this moment is replaced.
    asked_at_ms integer not null,
    closed_at_ms integer,
    -- How often it was posted, or was to be; a number is never used again.
    attempts integer not null check (attempts >= 0)
) strict;

-- Each attempt before it is sent, and the message after. The newest is the board; the others are
-- deleted one by one.
create table board_posts (
    server_id integer not null references boards (server_id),
    attempt integer not null check (attempt > 0),
    channel_id integer not null,
    attempted_at_ms integer not null,
    message_id integer unique,
    primary key (server_id, attempt)
) strict;

-- What was reported of late.
create index reports_by_time on reports (at_ms);
