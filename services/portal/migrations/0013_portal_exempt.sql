-- Who need not pay, as noted at a counter: a state of a dossier that is found again, not a wait that ended.
-- depends: 0012_portal_forms

-- migrate: apply

create table exemptions (
  exemption_id text primary key,
  site_id text not null,
  payer_name text not null,
  payer_code text not null,
  -- The code without dots and dashes; and what it is searched by.
  code_key text not null,
  search_key text not null,
  fee text not null,
  -- Freed from a fee (which needs its ground), or a fee of 0 đồng.
  state text not null check (state in ('exempt', 'free')),
  reason text not null,
  noted_by text not null,
  noted_at timestamptz not null,
  constraint exempt_for_a_reason check (state = 'free' or reason <> '')
);

create index exemptions_of_code on exemptions (site_id, code_key);

-- What was noted before stood among the waits, with a ground or without one.
insert into exemptions
select w.wait_id, w.site_id, regexp_replace(w.who, ', [^,]*$', ''), regexp_replace(w.who, '^.*, ', ''),
  regexp_replace(lower(regexp_replace(w.who, '^.*, ', '')), '[^a-z0-9]', '', 'g'), lower(w.who), '',
  case when note <> '' then 'exempt' else 'free' end, note, w.person_id, w.opened_at
from waits w
cross join lateral (
  select coalesce((select s.note from wait_steps s where s.wait_id = w.wait_id order by s.at limit 1), '')
) as first (note)
where w.outcome = 'exempt';

delete from waits where outcome = 'exempt';

grant select, insert on exemptions to portal_pages;

alter table exemptions enable row level security;

alter table exemptions force row level security;

create policy writing on exemptions to portal, portal_owner using (true) with check (true);

create policy of_site on exemptions to portal_pages
  using ((select sees_money()) and ((select sees_every_site()) or site_id = any ((select sites_seen())::text[])))
  with check (noted_by = (select person_here())
    and ((select sees_every_site()) or site_id = any ((select sites_seen())::text[])));

-- migrate: rollback

drop table exemptions;
