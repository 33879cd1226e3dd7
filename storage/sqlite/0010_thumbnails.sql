-- What people look at once the frames themselves are gone: a small picture of each.
create table thumbnails (
    render_id text not null references renders (id) deferrable initially deferred,
    role text not null check (role in ('first', 'last')),
    -- A JPEG.
    data blob not null check (length(data) between 1 and 30000),
    primary key (render_id, role)
) strict;
