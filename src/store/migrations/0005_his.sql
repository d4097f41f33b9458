-- A hospital's information system that owns departments, practitioners and slots. Types as in 0001.

-- What was imported of a site's, a JSON document; when it is read again; and whether the server at `url` can be written
-- to: `refusal` says why not.
create table his (
    site text not null primary key,
    body text not null,
    due_at bigint not null,
    url text,
    refusal text
);

-- Its slots, as they were read or written last. `id` is the hospital's.
create table his_slots (
    site text not null,
    id text not null,
    practitioner text not null,
    service text not null,
    place text not null,
    start_at bigint not null,
    end_at bigint not null,
    free bigint not null,
    primary key (site, id)
);
create index his_slots_by_start on his_slots (site, practitioner, start_at);
