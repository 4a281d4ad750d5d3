-- Lists that accountants dropped in, with their corrections, until they are issued or a week old.
-- depends: 0005_settlements

-- migrate: apply

create table drafts (
  draft_id uuid primary key,
  version bigint not null check (version >= 1),
  site_id text not null,
  person text not null,
  made_at timestamptz not null,
  file_name text,
  settings jsonb not null,
  -- Sheets as text: emptied when the draft is issued.
  sheets jsonb not null,
  corrections jsonb not null,
  issued_at timestamptz,
  answer jsonb,
  check ((issued_at is null) = (answer is null))
);

create index drafts_made_at on drafts (made_at);

create index drafts_site on drafts (site_id, made_at);

-- migrate: rollback

drop table drafts;
