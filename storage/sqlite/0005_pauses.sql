-- How long a render's server was paused while it waited; a pause that lasts is not in it yet.
alter table renders add column paused_ms integer not null default 0 check (paused_ms >= 0);
