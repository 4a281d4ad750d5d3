-- Transactions whose texts were erased, by whom and why; and a way to every message that told of one.
-- depends: 0006_ingest_corrections

-- migrate: apply

create table erasures (
  transaction_id text collate "C" primary key references transactions,
  erased_by text not null,
  erased_at timestamptz not null,
  reason text not null
);

-- A message that told of a transaction first is found by its sighting's moment; those that told of it again by this, which costs
-- nothing where messages are new.
create index vault_told_again on vault using gin (transaction_ids) where outcome in ('duplicate', 'conflict');

-- migrate: rollback

drop index vault_told_again;

drop table erasures;
