-- Where a render of a public thread may be shown when the thread is gone.
alter table renders add column parent_id integer;
