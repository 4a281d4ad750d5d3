-- Payers who were erased (their notices and bills stay for the books and name nobody), or ask to be left alone.
-- depends: 0007_settled_deposits

-- migrate: apply

-- A bill names its payer until that payer is erased; then nobody can open its public page any more.
alter table bills
  alter column payer_code drop not null,
  add column erased_at timestamptz,
  add constraint names_its_payer_until_erased check ((payer_code is null) = (erased_at is not null)),
  add constraint erased_is_shown_to_nobody check (erased_at is null or link_token is null);

-- Erased is erased whole.
alter table notices add constraint erased_names_nobody check (
  entity ->> 'payer_code' is not null
  or num_nonnulls(
    entity ->> 'payer_name', entity ->> 'guardian_name', entity ->> 'guardian_phone', entity ->> 'virtual_account'
  ) = 0
);

alter table settlements alter column payer_code drop not null;

-- Since when the payer is not reminded, and not printed with a class, at their own request; what they owe stays.
alter table payers add column restricted_at timestamptz;

-- The remembered answers of commands that told of one payer: an erasure forgets them.
create index idempotency_of_payer on idempotency ((response ->> 'site_id'), (response ->> 'payer_code'))
where response ? 'payer_code';

-- migrate: rollback

drop index idempotency_of_payer;

alter table payers drop column restricted_at;

update settlements set payer_code = '' where payer_code is null;

alter table settlements alter column payer_code set not null;

alter table notices drop constraint erased_names_nobody;

alter table bills drop constraint erased_is_shown_to_nobody, drop constraint names_its_payer_until_erased, drop column erased_at;

update bills set payer_code = '' where payer_code is null;

alter table bills alter column payer_code set not null;
