-- Who may call the staff's API. Types as in 0001.

-- Bearer tokens, as hashes. `sites` and `permissions` are lists with a space between; '*' stands for all sites.
create table staff_tokens (
    name text not null primary key,
    token_sha256 bytea not null unique,
    sites text not null,
    permissions text not null,
    created_at bigint not null,
    used_at bigint
);

-- Staff's lists: by time, and by what a person says at the desk.
create index appointments_by_start on appointments (site, start_at, id);
create index appointments_by_code on appointments (site, code);
create index waiting_by_turn on waiting (site, id) where state <> 'over';
