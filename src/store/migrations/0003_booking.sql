-- Booking: who is taken when, for whom, and what connections hear of it. Types as in 0001.

-- A practitioner or resource that was ever booked. `revision` is raised with every change to what is taken of it, and
-- first of all: the row's lock lets one writer in at a time. Locked in the order of their keys.
create table resources (
    site text not null,
    key text not null,
    revision bigint not null,
    primary key (site, key)
);

-- Five minutes (Unix milliseconds / 300000) of one seat have one owner: that key is what makes double booking
-- impossible. `owner` is a hold or an appointment; `until` is a hold's end, after which others may take the row over.
-- Seats from 1000 are what staff squeezed in.
create table buckets (
    site text not null,
    resource text not null,
    bucket bigint not null,
    seat bigint not null,
    owner text not null,
    until bigint,
    primary key (site, resource, bucket, seat)
);

-- The same as intervals, from which availability is computed.
create table occupations (
    site text not null,
    resource text not null,
    owner text not null,
    from_at bigint not null,
    to_at bigint not null,
    until bigint,
    primary key (owner, resource)
);
create index occupations_by_time on occupations (site, resource, from_at);

-- A slot that is kept. `takings` is JSON; `waiting` is who it was offered to. One that has ended stays until it is swept,
-- so that a slot somebody waits for passes from one to the next.
create table holds (
    id text not null primary key,
    site text not null,
    service text not null,
    practitioner text not null,
    place text not null,
    start_at bigint not null,
    end_at bigint not null,
    takings text not null,
    day text not null,
    expires_at bigint not null,
    waiting text
);
create index holds_by_end on holds (expires_at);
create index holds_by_day on holds (site, day);

-- Who books, known by a hash only. Its lock, taken before any resource's, lets one booking of a person in at a time.
create table patients (
    site text not null,
    patient_sha256 bytea not null,
    blocked_until bigint,
    primary key (site, patient_sha256)
);

create index patients_by_block on patients (blocked_until) where blocked_until is not null;

-- `code` is the submission's receipt, `day` the date at the site, `late` 1 for one cancelled after its deadline.
create table appointments (
    id text not null primary key,
    site text not null,
    submission text not null references submissions (id) on delete cascade,
    service text not null,
    department text not null,
    practitioner text not null,
    place text not null,
    start_at bigint not null,
    end_at bigint not null,
    takings text not null,
    day text not null,
    status text not null,
    code text not null,
    lang text not null,
    sequence bigint not null,
    patient_sha256 bytea not null,
    overbooked text,
    late bigint not null default 0,
    created_at bigint not null,
    changed_at bigint not null
);
create index appointments_by_day on appointments (site, day, practitioner);
create index appointments_by_patient on appointments (site, patient_sha256, start_at);
create index appointments_by_submission on appointments (submission);
create index appointments_to_come on appointments (site, start_at) where status = 'booked';

-- The hours before an appointment at which its owner was reminded.
create table reminders (
    appointment text not null references appointments (id) on delete cascade,
    hours bigint not null,
    primary key (appointment, hours)
);

-- People who wait for a slot to become free, in the order of their ids. `hold` is what they were offered.
create table waiting (
    id text not null primary key,
    site text not null,
    submission text not null references submissions (id) on delete cascade,
    service text not null,
    practitioner text,
    from_day text not null,
    to_day text,
    lang text not null,
    state text not null,
    hold text,
    created_at bigint not null
);
create index waiting_in_line on waiting (site, service, id) where state = 'waiting';
create index waiting_by_submission on waiting (submission);

-- What happened to an appointment or on a waitlist, as connections hear of it: `data` without the person's own words,
-- which are the submission's. Times differ within a submission.
create table events (
    id text not null primary key,
    site text not null,
    submission text not null references submissions (id) on delete cascade,
    type text not null,
    data text not null,
    at bigint not null
);
create index events_by_submission on events (submission);

-- The event it brings; the submission itself where null.
alter table deliveries add column event text;

-- Staff's changes to the schedules, a JSON document each.
create table exceptions (
    id text not null primary key,
    site text not null,
    body text not null,
    created_at bigint not null
);
create index exceptions_by_site on exceptions (site, created_at);
