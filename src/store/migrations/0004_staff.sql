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
