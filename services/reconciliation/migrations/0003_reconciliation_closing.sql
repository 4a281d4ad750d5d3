-- How days close and what was found after that: acts, which no replay touches.
-- depends: 0002_reconciliation_facts

-- migrate: apply

create table watched_accounts (
  site_id text not null,
  account text not null,
  since date not null,
  opened_to date not null,
  primary key (site_id, account)
);

-- Which day each movement was counted on when that day closed, and with what. A day's figures are the sum of its bookings,
-- for ever; what differs from them later is found late.
create table bookings (
  item_id text not null,
  site_id text not null,
  account text not null,
  day date not null,
  home_day date not null,
  credits bigint not null,
  debits bigint not null,
  allocated bigint not null,
  suspense bigint not null,
  cash bigint not null,
  deposits bigint not null,
  primary key (item_id, site_id, account, day)
);

create index bookings_of_home on bookings (home_day, site_id, account);

create index bookings_of_day on bookings (day, site_id, account);

-- Where what was found late was put: on the day on which it was found. While that day is open it counts what is not booked.
create table placements (
  item_id text not null,
  site_id text not null,
  account text not null,
  day date not null,
  home_day date not null,
  is_open boolean not null default true,
  placed_at timestamptz not null default now(),
  primary key (item_id, site_id, account, day)
);

create index placements_of_day on placements (day, site_id, account);

create index placements_of_home on placements (home_day, site_id, account);

alter table days
  add column moved_in bigint not null generated always as ((entity ->> 'credits')::bigint) stored,
  add column moved_out bigint not null generated always as ((entity ->> 'debits')::bigint) stored;

drop index days_open;

create index days_unclosed on days (day) where state <> 'closed';

create index days_of_account on days (site_id, account, day);

create index days_unclosed_of_account on days (site_id, account, day) where state <> 'closed';

-- DESIGN §6.5, whoever writes.
create function keep_closed_day() returns trigger language plpgsql as $$
begin
  if old.state = 'closed' then
    raise exception using errcode = 'check_violation', constraint = 'a_closed_day_never_changes',
      message = 'a closed day never changes';
  end if;
  return coalesce(new, old);
end
$$;

create trigger a_closed_day_never_changes before update or delete on days
  for each row execute function keep_closed_day();

create function keep_booking() returns trigger language plpgsql as $$
begin
  if exists (
    select from days d where d.site_id = old.site_id and d.day = old.day and d.account = old.account and d.state = 'closed'
  ) then
    raise exception using errcode = 'check_violation', constraint = 'a_booking_never_changes',
      message = 'what was counted on a closed day never changes';
  end if;
  return coalesce(new, old);
end
$$;

create trigger a_booking_never_changes before update or delete on bookings
  for each row execute function keep_booking();

alter table discrepancies
  alter column site_id drop not null,
  alter column account drop not null,
  alter column day drop not null,
  add column scope text,
  add column kind text,
  add column amount bigint,
  add column due_on date,
  add column found_on date;

update discrepancies set
  scope = 'day:' || site_id || '/' || account || '/' || day, kind = entity ->> 'kind', amount = (entity ->> 'amount')::bigint,
  found_on = (entity ->> 'found_on')::date, due_on = (entity ->> 'found_on')::date;

alter table discrepancies
  alter column scope set not null,
  alter column kind set not null,
  alter column amount set not null,
  alter column due_on set not null,
  alter column found_on set not null,
  add constraint discrepancy_state check (state in ('open', 'settled'));

drop index discrepancies_of_day, discrepancies_open;

create index discrepancies_open_of_scope on discrepancies (scope) where state = 'open';

create index discrepancies_open_of_account on discrepancies (account, kind) where state = 'open';

create index discrepancies_open_due on discrepancies (due_on, discrepancy_id) where state = 'open';

create index discrepancies_open_of_site on discrepancies (site_id, due_on, discrepancy_id) where state = 'open';

create index discrepancies_of_site on discrepancies (site_id, found_on, discrepancy_id);

-- Who did what to a discrepancy, and what they wrote beside it.
create table discrepancy_acts (
  discrepancy_id text not null references discrepancies,
  version bigint not null,
  act text not null check (act in ('settle', 'reopen', 'hand')),
  person text not null,
  reason text,
  note text,
  at timestamptz not null,
  primary key (discrepancy_id, version)
);

-- migrate: rollback

drop table discrepancy_acts;

drop index discrepancies_of_site, discrepancies_open_of_site, discrepancies_open_due, discrepancies_open_of_account,
  discrepancies_open_of_scope;

create index discrepancies_of_day on discrepancies (site_id, account, day);

create index discrepancies_open on discrepancies (day) where state = 'open';

alter table discrepancies drop constraint discrepancy_state, drop column scope, drop column kind, drop column amount,
  drop column due_on, drop column found_on;

drop trigger a_booking_never_changes on bookings;

drop function keep_booking;

drop trigger a_closed_day_never_changes on days;

drop function keep_closed_day;

drop index days_unclosed_of_account, days_of_account, days_unclosed;

create index days_open on days (day) where state = 'open';

alter table days drop column moved_in, drop column moved_out;

drop table placements;

drop table bookings;

drop table watched_accounts;
