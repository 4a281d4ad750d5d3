-- Connections, the vault of raw messages, identities and transactions.
-- depends: 0000_runtime

-- migrate: apply

create table connections (
  connection_id text primary key,
  provider text not null,
  scheme text not null,
  accounts text[] not null check (cardinality(accounts) > 0),
  rate_per_s double precision check (rate_per_s > 0),
  disabled_at timestamptz,
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now()
);

-- The current secret has no end; replaced ones stay valid for their grace. Sealed, never in clear.
create table connection_secrets (
  secret_id bigint generated always as identity primary key,
  connection_id text not null references connections,
  sealed bytea not null,
  valid_until timestamptz
);

create unique index connection_secrets_current on connection_secrets (connection_id) where valid_until is null;

-- Raw messages. Partitioned by month of arrival, so it can have no unique key but with received_at: identities stand apart.
create table vault (
  message_id uuid not null,
  received_at timestamptz not null,
  connection_id text not null,
  provider text not null,
  headers jsonb not null,
  body bytea not null,
  outcome text not null check (outcome in ('new', 'duplicate', 'conflict', 'unrouted', 'test')),
  transaction_ids text[] not null,
  primary key (received_at, message_id)
) partition by range (received_at);

-- Takes what arrives in a month whose partition could not be made: a message is never refused for housekeeping.
create table vault_rest partition of vault default;

-- The service may not create tables; this makes the partition of one month, and nothing else, in the owner's name.
create function ensure_vault_partition(month date) returns boolean
language plpgsql security definer set search_path = ingest, pg_temp as $$
declare
  first_day date := date_trunc('month', month)::date;
  partition_name text := 'vault_' || to_char(month, 'YYYYMM');
begin
  perform pg_advisory_xact_lock(hashtext('ingest/vault_partition'));
  if to_regclass('ingest.' || partition_name) is not null then
    return false;
  end if;
  execute format(
    'create table ingest.%I partition of ingest.vault for values from (%L) to (%L)',
    partition_name,
    first_day::timestamp at time zone 'UTC',
    (first_day + interval '1 month') at time zone 'UTC'
  );
  return true;
end
$$;

revoke execute on function ensure_vault_partition(date) from public;

grant execute on function ensure_vault_partition(date) to ingest;

-- Every name under which a transaction is known; several may point at one.
create table transaction_identities (
  identity_key text collate "C" primary key,
  transaction_id text collate "C" not null
);

create index transaction_identities_transaction on transaction_identities (transaction_id);

-- The entity as published at its version; the columns beside it are copies of its fields for constraints and look-ups.
create table transactions (
  transaction_id text collate "C" primary key,
  version bigint not null check (version >= 1),
  account text not null,
  site_id text,
  amount bigint not null check (amount > 0),
  direction text not null check (direction in ('in', 'out')),
  entity jsonb not null
);

create index transactions_without_site on transactions (account, transaction_id) where site_id is null;

-- Genuine messages about accounts that their connection does not name, until it does.
create table unrouted (
  connection_id text not null,
  identity_key text collate "C" not null,
  account text not null,
  message_id uuid not null,
  received_at timestamptz not null,
  primary key (connection_id, identity_key)
);

create index unrouted_by_arrival on unrouted (received_at, message_id, identity_key);

create table sites (
  site_id text primary key,
  version bigint not null
);

create table site_accounts (
  account text not null,
  site_id text not null references sites,
  valid_from date not null,
  valid_to date,
  primary key (account, site_id, valid_from)
);

create index site_accounts_site on site_accounts (site_id);

-- migrate: rollback

drop table site_accounts;

drop table sites;

drop table unrouted;

drop table transactions;

drop table transaction_identities;

drop function ensure_vault_partition(date);

drop table vault;

drop table connection_secrets;

drop table connections;
