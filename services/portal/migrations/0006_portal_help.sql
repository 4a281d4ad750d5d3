-- Help that digital groups gave: counts, no names. No replay touches it.
-- depends: 0005_portal_counter

-- migrate: apply

create table help_given (
  help_id text primary key,
  scope text not null,
  given_on date not null,
  kind text not null check (kind in ('install', 'scan', 'account', 'poster', 'paid_for', 'other')),
  people integer not null check (people between 1 and 10000),
  noted_by text not null,
  noted_at timestamptz not null default now()
);

create index help_of_scope on help_given (scope, given_on);

grant select, insert on help_given to portal_pages;

alter table help_given enable row level security;

alter table help_given force row level security;

create policy writing on help_given to portal, portal_owner using (true) with check (true);

create policy of_place on help_given to portal_pages
  using ((select sees_every_site()) or scope = any ((select scopes_seen())::text[]))
  with check (noted_by = (select person_here()) and scope = any ((select scopes_seen())::text[]));

-- migrate: rollback

drop table help_given;
