-- When the bot began a session with Discord's gateway; a day is kept.
create table identifies (
    id integer primary key,
    at_ms integer not null
) strict;
