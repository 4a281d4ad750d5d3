-- Units, sites and campaigns, each as the entity that is published.
-- depends: 0000_runtime

-- migrate: apply

create table units (
  key text collate "C" primary key,
  version bigint not null check (version >= 1),
  unit_code text not null,
  valid_from date not null,
  valid_to date check (valid_to >= valid_from),
  entity jsonb not null,
  unique (unit_code, valid_from)
);

-- One unit of a code exists at a time: its open row is unique.
create unique index units_open on units (unit_code) where valid_to is null;

create table sites (
  site_id text collate "C" primary key,
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

create index site_accounts_site_id on site_accounts (site_id);

create table campaigns (
  campaign_id text collate "C" primary key,
  version bigint not null check (version >= 1),
  entity jsonb not null
);

-- migrate: rollback

drop table campaigns;

drop table site_accounts;

drop table sites;

drop table units;
