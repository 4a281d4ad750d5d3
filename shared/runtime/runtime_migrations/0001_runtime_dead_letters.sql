-- Which records a service set aside and has not taken since: dlq.v1 holds them, this table says which still wait for somebody.
-- depends: 0000_runtime

-- migrate: apply

create table dead_letters (
  topic text collate "C" not null,
  key text collate "C" not null,
  error text not null,
  failed_at timestamptz not null,
  dismissed_by text,
  dismissed_at timestamptz,
  dismissed_reason text,
  constraint dismissed_by_somebody_for_a_reason check (
    num_nulls(dismissed_by, dismissed_at, dismissed_reason) in (0, 3) and dismissed_reason <> ''),
  primary key (topic, key)
);

-- migrate: rollback

drop table dead_letters;
