-- Statements as published, the files they came in, and the headings that an account's files bear.
-- depends: 0002_ingest_identity

-- migrate: apply

create table statements (
  statement_id text collate "C" primary key,
  version bigint not null check (version >= 1),
  account text not null,
  site_id text,
  from_day date not null,
  to_day date not null check (to_day >= from_day),
  opening bigint not null,
  credits bigint not null check (credits >= 0),
  debits bigint not null check (debits >= 0),
  closing bigint not null check (closing = opening + credits - debits),
  entity text not null,
  file_digest bytea not null
);

create index statements_account on statements (account, from_day);

-- What each statement adds to the balance on each of its days.
create table statement_days (
  statement_id text collate "C" not null references statements,
  day date not null,
  moved bigint not null,
  primary key (statement_id, day)
);

-- Files as they came, each once: proof, and a way to read them again.
create table statement_files (
  digest bytea not null,
  account text not null,
  received_at timestamptz not null,
  uploaded_by text not null,
  content bytea not null,
  primary key (account, digest)
);

create table statement_layouts (
  account text primary key,
  headings jsonb not null,
  learned_at timestamptz not null default now()
);

-- For what lies on an account around a period: transactions_alike begins with the amount.
create index transactions_by_time on transactions (account, occurred_at);

-- migrate: rollback

drop index transactions_by_time;

drop table statement_layouts;

drop table statement_files;

drop table statement_days;

drop table statements;
