-- Payers, what fee kinds further say, how amounts came about, who changed what and why, the bills' public links.
-- depends: 0001_notices

-- migrate: apply

alter table fee_kinds
  add column unit text check (unit in ('time', 'day', 'month', 'term', 'year')),
  add column account_number text,
  add column document text check (document in ('receipt', 'invoice', 'voucher', 'none')),
  add column programme text not null default 'general' check (programme in ('general', 'vocational', 'continuing'));

-- Who owes, as the site last told of them.
create table payers (
  site_id text not null,
  payer_code text not null,
  name text,
  group_name text,
  guardian_name text,
  guardian_phone text,
  unit_code text,
  is_active boolean not null default true,
  changed_at timestamptz not null default now(),
  primary key (site_id, payer_code)
);

create index payers_group on payers (site_id, group_name) where is_active;

-- A command that changed notices: who, when, how, why.
create table acts (
  act_id uuid primary key,
  acted_at timestamptz not null,
  person text not null,
  what text not null,
  reason text
);

-- Every version of every notice with the act that made it; of an amended one what differs, personal texts left out.
create table notice_versions (
  notice_id text not null,
  version bigint not null check (version >= 1),
  act_id uuid not null references acts,
  amended jsonb,
  primary key (notice_id, version)
);

alter table notices
  add column terms jsonb,
  add column payer_code text generated always as (entity ->> 'payer_code') stored,
  add column round text generated always as (entity ->> 'round') stored,
  add column fee_kind text generated always as (entity ->> 'fee_kind') stored,
  add column obligation text generated always as (entity ->> 'obligation') stored,
  add column amount bigint generated always as ((entity ->> 'amount')::bigint) stored check (amount > 0);

create index notices_round on notices (site_id, round, fee_kind);

create index notices_payer on notices (site_id, payer_code);

-- The account is named where the fee kinds name one. The token is the address of the bill's public page; null: revoked.
alter table bills
  add column account_number text,
  add column link_token text unique;

update bills set link_token = translate(
  left(encode(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'base64'), 22), '+/', '-_'
);

-- When and how the money came: shown to the payer as proof.
alter table payments
  add column occurred_at timestamptz,
  add column channel text;

-- migrate: rollback

alter table payments drop column channel, drop column occurred_at;

alter table bills drop column link_token, drop column account_number;

drop index notices_payer;

drop index notices_round;

alter table notices
  drop column amount, drop column obligation, drop column fee_kind, drop column round, drop column payer_code, drop column terms;

drop table notice_versions;

drop table acts;

drop table payers;

alter table fee_kinds drop column programme, drop column document, drop column account_number, drop column unit;
