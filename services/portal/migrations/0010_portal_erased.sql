-- A request that ended in an erasure proves what was done and when, and names nobody any more.
-- depends: 0009_portal_settled

-- migrate: apply

alter table data_requests
  alter column payer_code drop not null,
  alter column asked_by drop not null,
  alter column said drop not null,
  add column erased_at timestamptz,
  -- Of a restriction: when it ended.
  add column lifted_at timestamptz check (lifted_at is null or (kind = 'restrict' and state = 'done')),
  add constraint names_its_payer_until_erased check (
    num_nulls(payer_code, asked_by, said) = case when erased_at is null then 0 else 3 end),
  add constraint erased_is_ended check (erased_at is null or state in ('done', 'refused'));

-- Who waited for a bill is erased with its payer.
create index waits_of_bill on waits (bill_id);

-- migrate: rollback

drop index waits_of_bill;

alter table data_requests drop constraint erased_is_ended, drop constraint names_its_payer_until_erased,
  drop column erased_at, drop column lifted_at;

update data_requests set payer_code = coalesce(payer_code, ''), asked_by = coalesce(asked_by, ''), said = coalesce(said, '');

alter table data_requests
  alter column payer_code set not null, alter column asked_by set not null, alter column said set not null;
