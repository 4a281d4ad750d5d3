-- Amounts that a message told wrong, corrected by the bank's statement: an act of a person, never changed and never taken back.
-- depends: 0005_ingest_vault

-- migrate: apply

create table corrections (
  -- One correction a transaction: the corrected one is merged, and a merged one is corrected no more.
  transaction_id text collate "C" primary key references transactions,
  right_id text collate "C" not null references transactions,
  amount bigint not null check (amount > 0),
  right_amount bigint not null check (right_amount > 0),
  statement_id text collate "C" not null references statements,
  line integer not null check (line >= 1),
  corrected_by text not null,
  corrected_at timestamptz not null,
  note text,
  constraint corrects_another check (right_id <> transaction_id),
  constraint corrects_something check (right_amount <> amount),
  constraint one_a_line unique (statement_id, line)
);

-- migrate: rollback

drop table corrections;
