-- What an accountant proposes to take back of a fee that was issued, and what the head said. No replay touches it.
-- depends: 0010_portal_erased

-- migrate: apply

create table fee_changes (
  change_id text collate "C" primary key,
  site_id text not null,
  notice_id text not null,
  kind text not null check (kind in ('cancel', 'exempt')),
  amount_before bigint not null check (amount_before > 0),
  -- What is asked from then on.
  amount bigint not null check (amount >= 0 and amount < amount_before),
  reason text,
  -- The number of the decision by which a payer is exempted; null once the payer was erased.
  decision text,
  state text not null check (state in ('proposed', 'approved', 'refused', 'withdrawn')),
  proposed_by text not null,
  proposed_at timestamptz not null,
  decided_by text,
  decided_at timestamptz,
  constraint cancelled_asks_nothing check (kind = 'exempt' or amount = 0),
  constraint decided_by_somebody check ((state = 'proposed') = (decided_by is null)),
  constraint nobody_decides_their_own check (state not in ('approved', 'refused') or decided_by <> proposed_by)
);

create unique index one_proposed_change_a_notice on fee_changes (notice_id) where state = 'proposed';

create index fee_changes_of_notice on fee_changes (notice_id, change_id);

create index fee_changes_of_site on fee_changes (site_id, state, change_id);

grant select on fee_changes to portal_pages;

alter table fee_changes enable row level security;

alter table fee_changes force row level security;

create policy writing on fee_changes to portal, portal_owner using (true) with check (true);

create policy of_site on fee_changes for select to portal_pages
  using ((select sees_money()) and ((select sees_every_site()) or site_id = any ((select sites_seen())::text[])));

-- migrate: rollback

drop table fee_changes;
