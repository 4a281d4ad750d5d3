-- What the pages of every role show; rows bound to the person who reads (row-level security).
-- depends: 0001_portal

-- migrate: apply

-- What was stored before lacks the new columns: the topics are read again from their start.
update replay_epoch set epoch = epoch + 1 where exists (select from sites);

truncate entities, site_figures, day_figures, credits, transactions, notices, units, sites;

alter table sites
  add column entity jsonb not null;

alter table units
  add column entity jsonb not null;

alter table notices
  add column bill_id text not null,
  add column reference text not null,
  add column round text,
  add column payer_code text,
  add column guardian_name text,
  add column guardian_phone text,
  add column obligation text not null,
  add column issued_on date not null,
  add column due_on date not null;

-- A round's list, class by class.
create index notices_of_round on notices (site_id, round, payer_group);

create index notices_of_payer on notices (site_id, payer_code);

create index notices_of_bill on notices (bill_id);

create index notices_of_reference on notices (reference);

-- Who owes at a site, as the newest of the notices says: what people search by.
create table payers (
  site_id text not null,
  payer_code text not null,
  issued_on date not null,
  notice_id text not null,
  payer_name text,
  payer_group text,
  guardian_name text,
  guardian_phone text,
  search_key text not null,
  primary key (site_id, payer_code)
);

alter table transactions
  add column site_id text not null,
  add column account text not null,
  add column occurred_at timestamptz not null,
  add column memo text,
  add column search_key text not null,
  add column entity jsonb not null;

-- What people search by, newest first.
create index transactions_of_site on transactions (site_id, occurred_at desc, transaction_id collate "C" desc);

alter table credits
  add column reason text not null,
  add column excess bigint not null check (excess between 0 and suspense),
  add column is_excess boolean not null,
  add column document_number text;

-- What waits for a person, oldest first.
create index credits_to_review on credits (site_id, occurred_at, credit_id collate "C") where state = 'review';

create index credits_in_excess on credits (site_id, occurred_at, credit_id collate "C") where is_excess;

create index credits_of_amount on credits (site_id, amount, occurred_at desc);

create index credits_without_document on credits (site_id, occurred_at) where channel = 'cash' and document_number is null;

-- What credits pay, allocation by allocation: how much of a notice is paid is always added up from here.
create table allocations (
  credit_id text not null,
  allocation_id text not null,
  notice_id text not null,
  site_id text not null,
  amount bigint not null check (amount > 0),
  occurred_at timestamptz not null,
  decided_at timestamptz not null,
  channel text not null,
  primary key (credit_id, allocation_id)
);

create index allocations_of_notice on allocations (notice_id);

create index allocations_of_site on allocations (site_id, occurred_at);

alter table day_figures
  add column excess_count bigint not null,
  add column excess_dong bigint not null;

alter table site_figures
  add column excess_count bigint not null default 0,
  add column excess_dong bigint not null default 0;

-- The same of all sites, in one row that the writer keeps: no page adds up every site.
create table installation (
  only_row boolean primary key default true check (only_row),
  revision bigint not null default 0,
  site_count bigint not null default 0,
  sample boolean not null default false,
  received_count bigint not null default 0,
  received_dong bigint not null default 0,
  matched_count bigint not null default 0,
  allocated_dong bigint not null default 0,
  review_count bigint not null default 0,
  review_dong bigint not null default 0,
  ignored_count bigint not null default 0,
  suspense_dong bigint not null default 0,
  allocated_count bigint not null default 0,
  cashless_count bigint not null default 0,
  excess_count bigint not null default 0,
  excess_dong bigint not null default 0
);

insert into installation default values;

create index entities_by_day on entities (topic, site_id, (entity ->> 'date')) where topic = 'reconciliation.days.v1';

create table metrics (
  key text primary key,
  version bigint not null check (version >= 1),
  metric text not null,
  scope text not null,
  site_type text not null,
  fee_kind text not null,
  span text not null,
  as_of date not null,
  numerator bigint not null,
  denominator bigint not null
);

create index metrics_of_scope on metrics (scope, metric, span, as_of);

-- Whom a reader is: set inside each transaction, gone at its end. Unset it shows nothing.
create function sites_seen() returns text[] language sql stable
  return nullif(current_setting('khop.sites', true), '')::text[];

create function sees_every_site() returns boolean language sql stable
  return coalesce(current_setting('khop.every_site', true), '') = 'yes';

create function groups_seen() returns text[] language sql stable
  return nullif(current_setting('khop.groups', true), '')::text[];

create function sees_money() returns boolean language sql stable
  return coalesce(current_setting('khop.money', true), '') = 'yes';

create function scopes_seen() returns text[] language sql stable
  return nullif(current_setting('khop.scopes', true), '')::text[];

create function person_here() returns text language sql stable
  return nullif(current_setting('khop.person', true), '');

grant execute on function sites_seen, sees_every_site, groups_seen, sees_money, scopes_seen, person_here to portal_pages;

grant select on sites, units, notices, payers, transactions, credits, allocations, day_figures, site_figures, installation,
  entities, metrics to portal_pages;

-- Names of places are nobody's secret.
alter table sites enable row level security;

alter table sites force row level security;

create policy writing on sites to portal, portal_owner using (true) with check (true);

create policy reading on sites for select to portal_pages using (true);

alter table units enable row level security;

alter table units force row level security;

create policy writing on units to portal, portal_owner using (true) with check (true);

create policy reading on units for select to portal_pages using (true);

-- Who owes: the people of the site; a teacher the own classes only.
alter table notices enable row level security;

alter table notices force row level security;

create policy writing on notices to portal, portal_owner using (true) with check (true);

create policy reading on notices for select to portal_pages using (
  ((select sees_every_site()) or site_id = any ((select sites_seen())::text[]))
  and ((select groups_seen()) is null or site_id || '/' || payer_group = any ((select groups_seen())::text[]))
);

alter table payers enable row level security;

alter table payers force row level security;

create policy writing on payers to portal, portal_owner using (true) with check (true);

create policy reading on payers for select to portal_pages using (
  ((select sees_every_site()) or site_id = any ((select sites_seen())::text[]))
  and ((select groups_seen()) is null or site_id || '/' || payer_group = any ((select groups_seen())::text[]))
);

-- Whether a notice is paid: whoever may see the notice.
alter table allocations enable row level security;

alter table allocations force row level security;

create policy writing on allocations to portal, portal_owner using (true) with check (true);

create policy reading on allocations for select to portal_pages using (
  (select sees_every_site()) or site_id = any ((select sites_seen())::text[])
);

-- Money: roles that work with it.
alter table transactions enable row level security;

alter table transactions force row level security;

create policy writing on transactions to portal, portal_owner using (true) with check (true);

create policy reading on transactions for select to portal_pages using (
  (select sees_money()) and ((select sees_every_site()) or site_id = any ((select sites_seen())::text[]))
);

alter table credits enable row level security;

alter table credits force row level security;

create policy writing on credits to portal, portal_owner using (true) with check (true);

create policy reading on credits for select to portal_pages using (
  (select sees_money()) and ((select sees_every_site()) or site_id = any ((select sites_seen())::text[]))
);

alter table day_figures enable row level security;

alter table day_figures force row level security;

create policy writing on day_figures to portal, portal_owner using (true) with check (true);

create policy reading on day_figures for select to portal_pages using (
  (select sees_money()) and ((select sees_every_site()) or site_id = any ((select sites_seen())::text[]))
);

alter table site_figures enable row level security;

alter table site_figures force row level security;

create policy writing on site_figures to portal, portal_owner using (true) with check (true);

create policy reading on site_figures for select to portal_pages using (
  (select sees_money()) and ((select sees_every_site()) or site_id = any ((select sites_seen())::text[]))
);

alter table installation enable row level security;

alter table installation force row level security;

create policy writing on installation to portal, portal_owner using (true) with check (true);

create policy reading on installation for select to portal_pages using ((select sees_money()) and (select sees_every_site()));

-- Days, statements and discrepancies belong to sites; campaigns to everybody.
alter table entities enable row level security;

alter table entities force row level security;

create policy writing on entities to portal, portal_owner using (true) with check (true);

create policy reading on entities for select to portal_pages using (
  topic = 'directory.campaigns.v1'
  or ((select sees_money()) and ((select sees_every_site()) or site_id = any ((select sites_seen())::text[])))
);

-- Figures without persons: the places that the reader answers for.
alter table metrics enable row level security;

alter table metrics force row level security;

create policy writing on metrics to portal, portal_owner using (true) with check (true);

create policy reading on metrics for select to portal_pages using (
  (select sees_every_site()) or scope = any ((select scopes_seen())::text[])
);

-- migrate: rollback

drop table metrics;

drop index entities_by_day;

drop table installation;

alter table site_figures drop column excess_count, drop column excess_dong;

alter table day_figures drop column excess_count, drop column excess_dong;

drop table allocations;

drop index credits_without_document, credits_of_amount, credits_in_excess, credits_to_review;

drop table payers;

drop function sites_seen, sees_every_site, groups_seen, sees_money, scopes_seen, person_here;
