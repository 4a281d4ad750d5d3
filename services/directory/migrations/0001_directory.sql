-- Units, sites and campaigns, each as the entity that is published.
-- depends: 0000_runtime

-- migrate: apply

create table units (
  unit_code text not null,
  valid_from date not null,
  version bigint not null check (version >= 1),
  level text not null check (level in ('province', 'district', 'commune', 'village')),
  parent_code text,
  valid_to date check (valid_to >= valid_from),
  entity jsonb not null,
  primary key (unit_code, valid_from)
);

create table sites (
  site_id text primary key,
  version bigint not null check (version >= 1),
  entity jsonb not null
);

-- An account points at one site at a time: the open row of an account is unique.
create table site_accounts (
  account_number text not null,
  site_id text not null references sites,
  valid_from date not null,
  valid_to date check (valid_to >= valid_from),
  primary key (account_number, valid_from)
);

create unique index site_accounts_open on site_accounts (account_number) where valid_to is null;

create table campaigns (
  campaign_id text primary key,
  version bigint not null check (version >= 1),
  entity jsonb not null
);

-- migrate: rollback

drop table campaigns;

drop table site_accounts;

drop table sites;

drop table units;
