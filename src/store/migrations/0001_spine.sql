-- Read by SQLite and by PostgreSQL: types are text, bigint and bytea only, times are Unix milliseconds, ids are the
-- prefixed text of the protocol, JSON is text.

-- Numbers that only grow. 'sites' is raised with every change to a site, so that gateways see when to read again.
create table counters (
    name text not null primary key,
    value bigint not null
);
insert into counters (name, value) values ('sites', 0);

-- What staff may edit: a site with its forms and connections, one JSON document each.
create table sites (
    key text not null primary key,
    revision bigint not null,
    body text not null
);

-- What visitors sent. `receipt` is the short code they may quote.
create table submissions (
    id text not null primary key,
    site text not null,
    form text not null,
    version bigint not null,
    lang text not null,
    receipt text not null,
    body text not null,
    received_at bigint not null,
    unique (site, receipt)
);

create table consents (
    submission text not null references submissions (id) on delete cascade,
    purpose text not null,
    version text not null,
    text_sha256 text not null,
    granted bigint not null,
    primary key (submission, purpose)
);

-- The e-mail addresses and phone numbers in a submission, hashed: enough to find it again when a person asks for
-- everything about them to be erased. Rare, so it may read the whole table; an index by value would make every
-- submission touch pages all over the file.
create table contacts (
    submission text not null references submissions (id) on delete cascade,
    value_sha256 bytea not null,
    primary key (submission, value_sha256)
);

-- The answer given under an idempotency key.
create table answers (
    site text not null,
    key text not null,
    body_sha256 bytea not null,
    answer text not null,
    submission text not null,
    created_at bigint not null,
    primary key (site, key)
);
create index answers_by_age on answers (created_at);
create index answers_by_submission on answers (submission);

-- Challenges that were solved and used. A nonce is signed together with its expiry, so the pair names it, and keys
-- that grow with time keep the rows of a minute side by side.
create table spent (
    expires_at bigint not null,
    nonce text not null,
    primary key (expires_at, nonce)
);

-- The outbox: one submission on its way to one connection. A waiting delivery may be claimed when due_at has passed;
-- to claim it is to move due_at to the end of the lease and to raise the fence, so an expired lease is simply due again.
create table deliveries (
    id text not null primary key,
    site text not null,
    connection text not null,
    submission text not null references submissions (id) on delete cascade,
    state text not null,
    due_at bigint not null,
    fence bigint not null,
    attempts bigint not null,
    reason text,
    created_at bigint not null,
    finished_at bigint
);
create index deliveries_due on deliveries (site, connection, due_at) where state = 'waiting';
create index deliveries_exhausted on deliveries (site, connection, id) where state = 'exhausted';
create index deliveries_by_submission on deliveries (submission);

-- Every attempt, also one whose lease had run out when it ended.
create table attempts (
    id text not null primary key,
    delivery text not null references deliveries (id) on delete cascade,
    fence bigint not null,
    started_at bigint not null,
    duration_ms bigint not null,
    status bigint,
    outcome text not null,
    body text,
    error text
);
create index attempts_by_delivery on attempts (delivery, started_at);

-- Files. Unbound (no submission) until the form is sent, and purged when it never is.
create table uploads (
    id text not null primary key,
    site text not null,
    form text not null,
    field text not null,
    name text not null,
    media_type text not null,
    size bigint not null,
    token_sha256 bytea not null,
    content bytea not null,
    submission text references submissions (id) on delete cascade,
    created_at bigint not null
);
create index uploads_unbound on uploads (site, created_at) where submission is null;
create index uploads_by_submission on uploads (submission);
