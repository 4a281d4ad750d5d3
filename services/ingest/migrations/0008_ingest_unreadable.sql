-- Messages that are proven and cannot be read are kept too.
-- depends: 0007_ingest_erasing

-- migrate: apply

alter table vault
  drop constraint vault_outcome_check,
  add constraint vault_outcome_check
    check (outcome in ('new', 'duplicate', 'conflict', 'unrouted', 'test', 'unreadable'));

-- migrate: rollback

delete from vault where outcome = 'unreadable';

alter table vault
  drop constraint vault_outcome_check,
  add constraint vault_outcome_check check (outcome in ('new', 'duplicate', 'conflict', 'unrouted', 'test'));
