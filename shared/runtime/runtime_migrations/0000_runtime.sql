-- The tables of the plumbing, the same in every service's schema.
-- depends:

-- migrate: apply

create table outbox (
  id bigint generated always as identity primary key,
  topic text not null,
  key text not null,
  partition_key text not null,
  version bigint not null,
  value bytea not null,
  traceparent text,
  created_at timestamptz not null default clock_timestamp()
);

create table idempotency (
  key text primary key,
  request_hash bytea not null,
  response jsonb not null,
  created_at timestamptz not null default now()
);

create index idempotency_created_at on idempotency (created_at);

create table replay_epoch (
  only_row boolean primary key default true check (only_row),
  epoch integer not null default 1
);

insert into replay_epoch default values;

-- migrate: rollback

drop table outbox;

drop table idempotency;

drop table replay_epoch;
