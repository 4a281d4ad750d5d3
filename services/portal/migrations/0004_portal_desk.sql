-- What people leave on their desk: ticks of a list, notes for colleagues. No replay touches these.
-- depends: 0003_portal_people

-- migrate: apply

-- The rows that somebody ticked, at the version that they saw: paging and sorting lose none.
create table ticks (
  person_id text not null,
  credit_id text not null,
  version bigint not null,
  ticked_at timestamptz not null default now(),
  primary key (person_id, credit_id)
);

create table notes (
  note_id text primary key,
  credit_id text not null,
  site_id text not null,
  person_id text not null,
  written_at timestamptz not null,
  text text not null check (length(text) between 1 and 1000)
);

create index notes_of_credit on notes (credit_id, written_at);

grant select, insert, update, delete on ticks to portal_pages;

grant select, insert on notes to portal_pages;

alter table ticks enable row level security;

alter table ticks force row level security;

create policy writing on ticks to portal, portal_owner using (true) with check (true);

create policy own on ticks to portal_pages
  using (person_id = (select person_here())) with check (person_id = (select person_here()));

alter table notes enable row level security;

alter table notes force row level security;

create policy writing on notes to portal, portal_owner using (true) with check (true);

create policy of_site on notes to portal_pages
  using ((select sees_money()) and ((select sees_every_site()) or site_id = any ((select sites_seen())::text[])))
  with check (person_id = (select person_here()) and ((select sees_every_site()) or site_id = any ((select sites_seen())::text[])));

-- Up to when each site's bank data are known: not secret to anybody who sees whether something is paid.
create view site_freshness with (security_invoker = false) as
select site_id, max((entity ->> 'fresh_until')::timestamptz) as fresh_until
from entities
where topic = 'reconciliation.days.v1' and site_id is not null and entity ->> 'account' <> 'cash'
group by site_id;

grant select on site_freshness to portal_pages;

-- migrate: rollback

drop view site_freshness;

drop table notes;

drop table ticks;
