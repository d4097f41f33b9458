-- What connectors keep between the steps of a delivery, and from one delivery to the next. Types as in 0001.

-- 1 while someone holds the lease. What merely waits for its next attempt may be made due earlier.
alter table deliveries add column leased bigint not null default 0;

-- What is known of a step: 'started' when its request was about to be sent, 'done' with its outputs (a JSON object) once
-- it succeeded. They stay as long as their delivery.
create table steps (
    delivery text not null references deliveries (id) on delete cascade,
    step text not null,
    state text not null,
    outputs text,
    at bigint not null,
    primary key (delivery, step)
);

-- The CRM's id of something met before. Its key, such as an e-mail address, is kept as a hash; the row goes with the
-- submission that brought it.
create table links (
    site text not null,
    connection text not null,
    link text not null,
    key_sha256 bytea not null,
    value text not null,
    submission text not null references submissions (id) on delete cascade,
    updated_at bigint not null,
    primary key (site, connection, link, key_sha256)
);
create index links_by_submission on links (submission);

-- Which delivery works on a link now. A row whose time is over may be taken over.
create table reservations (
    site text not null,
    connection text not null,
    link text not null,
    key_sha256 bytea not null,
    delivery text not null references deliveries (id) on delete cascade,
    until bigint not null,
    primary key (site, connection, link, key_sha256)
);
create index reservations_by_delivery on reservations (delivery);

-- The refresh token a CRM gave last, encrypted.
create table refresh_tokens (
    site text not null,
    connection text not null,
    sealed bytea not null,
    updated_at bigint not null,
    primary key (site, connection)
);

-- Connections that are left alone for a while. 'manual': until a person resumes it. 'asked': the destination said for
-- how long. 'failing': `until` is the time of the next probe, `probes` their number so far.
create table pauses (
    site text not null,
    connection text not null,
    kind text not null,
    reason text not null,
    since bigint not null,
    until bigint,
    probes bigint not null,
    primary key (site, connection)
);
