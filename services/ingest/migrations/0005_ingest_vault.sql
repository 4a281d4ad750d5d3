-- A month's partition takes over what fell into the default one before it could be made; unrouted messages by account.
-- depends: 0004_ingest_taking

-- migrate: apply

create index unrouted_account on unrouted (connection_id, account);

-- As before, but for rows of the month in vault_rest (after weeks without this service, say): they are moved, for PostgreSQL
-- makes no partition for rows that the default one holds. The lock keeps others from adding some meanwhile.
create or replace function ensure_vault_partition(month date) returns boolean
language plpgsql security definer set search_path = ingest, pg_temp as $$
declare
  first_moment timestamptz := date_trunc('month', month)::timestamp at time zone 'UTC';
  next_moment timestamptz := (date_trunc('month', month) + interval '1 month')::timestamp at time zone 'UTC';
  partition_name text := 'vault_' || to_char(month, 'YYYYMM');
begin
  perform pg_advisory_xact_lock(hashtext('ingest/vault_partition'));
  if to_regclass('ingest.' || partition_name) is not null then
    return false;
  end if;
  lock table ingest.vault_rest in access exclusive mode;
  execute format('create table ingest.%I (like ingest.vault including all)', partition_name);
  execute format(
    'with moved as (delete from ingest.vault_rest where received_at >= $1 and received_at < $2 returning *)
     insert into ingest.%I select * from moved', partition_name
  ) using first_moment, next_moment;
  execute format(
    'alter table ingest.vault attach partition ingest.%I for values from (%L) to (%L)', partition_name, first_moment, next_moment
  );
  return true;
end
$$;

-- migrate: rollback

drop index unrouted_account;
