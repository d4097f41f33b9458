-- Who waits for what once: the hash of what a person is known by.
alter table waiting add column patient_sha256 bytea;
create unique index waiting_once on waiting (site, service, patient_sha256) where state in ('waiting', 'offered');

-- How far the books of who is taken when were purged, as the number of a bucket. Whoever wants an earlier time while that is
-- still to come has found a clock that ran ahead.
insert into counters (name, value) values ('purged', 0);
