-- What waits at a counter, the steps that were taken, and confirmations that were handed out. No replay touches these.
-- depends: 0004_portal_desk

-- migrate: apply

create table waits (
  wait_id text primary key,
  site_id text not null,
  counter text not null,
  person_id text not null,
  reference text not null,
  bill_id text not null,
  who text not null,
  -- What was left to be paid when it was shown, and what had been paid before.
  asked bigint not null check (asked >= 0),
  paid_before bigint not null check (paid_before >= 0),
  opened_at timestamptz not null,
  -- The payer says to have transferred: no proof, but a clock.
  claimed_at timestamptz,
  -- When it was last put on the display that faces the payer.
  shown_at timestamptz,
  ended_at timestamptz,
  outcome text check (outcome in ('received', 'cash', 'left', 'exempt')),
  constraint ended_somehow check ((ended_at is null) = (outcome is null))
);

create index waits_open on waits (site_id, counter, opened_at) where ended_at is null;

create index waits_shown on waits (site_id, counter, shown_at desc) where shown_at is not null;

create table wait_steps (
  wait_id text not null references waits on delete cascade,
  at timestamptz not null,
  person_id text not null,
  step text not null,
  note text not null default '',
  primary key (wait_id, at)
);

-- Xác nhận đã nhận tiền. The code is known to whoever holds it, and says site, amount and day to anybody who types it.
create table receipts (
  code text primary key,
  credit_id text not null unique,
  site_id text not null,
  amount bigint not null check (amount > 0),
  received_on date not null,
  made_by text not null,
  made_at timestamptz not null
);

grant select, insert, update on waits to portal_pages;

grant select, insert on wait_steps, receipts to portal_pages;

alter table waits enable row level security;

alter table waits force row level security;

create policy writing on waits to portal, portal_owner using (true) with check (true);

create policy of_site on waits to portal_pages
  using ((select sees_money()) and ((select sees_every_site()) or site_id = any ((select sites_seen())::text[])))
  with check ((select sees_every_site()) or site_id = any ((select sites_seen())::text[]));

alter table wait_steps enable row level security;

alter table wait_steps force row level security;

create policy writing on wait_steps to portal, portal_owner using (true) with check (true);

create policy of_wait on wait_steps to portal_pages
  using (wait_id in (select w.wait_id from waits w))
  with check (person_id = (select person_here()) and wait_id in (select w.wait_id from waits w));

alter table receipts enable row level security;

alter table receipts force row level security;

create policy writing on receipts to portal, portal_owner using (true) with check (true);

create policy of_site on receipts to portal_pages
  using ((select sees_every_site()) or site_id = any ((select sites_seen())::text[]))
  with check ((select sees_every_site()) or site_id = any ((select sites_seen())::text[]));

-- migrate: rollback

drop table receipts;

drop table wait_steps;

drop table waits;
