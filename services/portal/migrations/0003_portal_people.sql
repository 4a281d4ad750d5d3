-- People, what they may see, their sessions, and what they did. No replay touches these.
-- depends: 0002_portal_reading

-- migrate: apply

create table people (
  person_id text primary key,
  version bigint not null default 1 check (version >= 1),
  login text not null check (login = lower(login)),
  name text not null,
  password_hash text,
  sample boolean not null default false,
  is_disabled boolean not null default false,
  made_at timestamptz not null default now(),
  made_by text not null
);

create unique index people_by_login on people (login);

-- A role at a site, in a unit, or everywhere (both null). Groups: the classes of a teacher.
create table grants (
  person_id text not null references people on delete cascade,
  role text not null check (role in (
    'accountant', 'teacher', 'cashier', 'treasurer', 'officer', 'head', 'viewer', 'group_leader', 'admin', 'auditor')),
  site_id text,
  unit_code text,
  groups text[] not null default '{}',
  unique nulls not distinct (person_id, role, site_id, unit_code),
  constraint works_at_a_site check (
    (role in ('accountant', 'teacher', 'cashier', 'treasurer', 'officer', 'head')) <= (site_id is not null)),
  constraint looks_at_a_unit check ((role in ('viewer', 'group_leader')) <= (unit_code is not null)),
  constraint is_at_one_place check (num_nonnulls(site_id, unit_code) <= 1),
  constraint only_teachers_have_classes check (role = 'teacher' or groups = '{}')
);

-- Nobody keeps the books and the cash of one site.
create unique index books_and_cash_are_two_peoples on grants (person_id, site_id) where role in ('accountant', 'treasurer');

create index grants_of_site on grants (site_id);

-- One-time links: for the first administrator (nobody yet), or for a person to choose a password.
create table invitations (
  token_hash bytea primary key,
  person_id text references people on delete cascade,
  made_at timestamptz not null default now(),
  ends_at timestamptz not null,
  used_at timestamptz
);

create table sessions (
  token_hash bytea primary key,
  person_id text not null references people on delete cascade,
  role text not null,
  started_at timestamptz not null,
  seen_at timestamptz not null,
  ends_at timestamptz not null,
  is_locked boolean not null default false
);

create index sessions_of_person on sessions (person_id);

create index sessions_ended on sessions (ends_at);

create table sign_in_failures (
  id bigint generated always as identity primary key,
  login text not null,
  address text not null,
  at timestamptz not null
);

create index sign_in_failures_of_login on sign_in_failures (login, at);

create index sign_in_failures_of_address on sign_in_failures (address, at);

-- Who did what. Rows are added, never changed.
create table audit (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  person_id text,
  role text not null,
  act text not null,
  site_id text,
  subject text,
  detail jsonb not null default '{}'
);

create index audit_by_time on audit (at desc, id desc);

create index audit_of_person on audit (person_id, id desc);

create index audit_of_subject on audit (subject, id desc);

create function keep_audit() returns trigger language plpgsql as $$
begin
  raise exception using errcode = 'check_violation', constraint = 'audit_is_kept', message = 'the audit is never changed';
end
$$;

create trigger audit_is_kept before update or delete on audit for each row execute function keep_audit();

-- What a person has asked to see in full, for a few minutes.
create table reveals (
  token_hash bytea not null references sessions on delete cascade,
  subject text not null,
  ends_at timestamptz not null,
  primary key (token_hash, subject)
);

-- Requests of those whom the data are about (Law 91/2025/QH15): answered within two working days.
create table data_requests (
  request_id text primary key,
  version bigint not null default 1,
  site_id text not null,
  kind text not null check (kind in ('export', 'correct', 'restrict', 'erase')),
  payer_code text not null,
  asked_by text not null,
  said text not null,
  asked_at timestamptz not null,
  answer_by date not null,
  finish_by date not null,
  state text not null check (state in ('asked', 'answered', 'done', 'refused')),
  answered_at timestamptz,
  finished_at timestamptz,
  outcome text,
  handled_by text
);

create index data_requests_of_site on data_requests (site_id, asked_at desc);

grant select on audit, data_requests to portal_pages;

alter table audit enable row level security;

alter table audit force row level security;

create policy writing on audit to portal, portal_owner using (true) with check (true);

create policy reading on audit for select to portal_pages using (
  (select sees_every_site()) or site_id = any ((select sites_seen())::text[])
);

alter table data_requests enable row level security;

alter table data_requests force row level security;

create policy writing on data_requests to portal, portal_owner using (true) with check (true);

create policy reading on data_requests for select to portal_pages using (
  (select sees_every_site()) or site_id = any ((select sites_seen())::text[])
);

-- migrate: rollback

drop table data_requests;

drop table reveals;

drop table audit;

drop function keep_audit;

drop table sign_in_failures;

drop table sessions;

drop table invitations;

drop table grants;

drop table people;
