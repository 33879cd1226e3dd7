-- A moderator put it before the others of its server, or had it wait until further notice.
alter table renders add column bumped_at_ms integer;
alter table renders add column parked_at_ms integer;

-- Who waits, and who is with the provider. What all entries share comes first, so that the index
-- is chosen before one of all renders.
create index renders_waiting
    on renders (
        state, parked_at_ms, server_id, member_id, bumped_at_ms, created_at_ms, id, ready_at_ms,
        paused_ms
    )
    where state = 'queued';
create index renders_at_provider
    on renders (late_at_ms, server_id, member_id, submitted_at_ms)
    where state in ('submitting', 'rendering') and late_at_ms is null;

-- The desk: what is not over, what ended how, and in which channels.
create index renders_unfinished
    on renders (server_id, state, late_at_ms, channel_id, member_id, created_at_ms, id)
    where state not in ('delivered', 'failed', 'cancelled');
create index renders_by_end
    on renders (server_id, state, created_at_ms, id, channel_id, member_id);
create index renders_by_channel on renders (server_id, channel_id, state, created_at_ms);

-- How long renders took of late.
create index events_of_successes on events (id, render_id, at_ms) where to_state = 'rendered';
