-- What the whole matcher looks at: who owes, what transfers say, which account pays for whom; and who did what by hand.
-- depends: 0001_matching

-- migrate: apply

-- Grows under the lock of a site with each change of its notices and payers, so that "what changed since" misses nothing there.
create sequence changes;

alter table notices
  add payer_code text,
  add purpose text not null default '',
  add period text not null default '',
  add issued_on date,
  add priority integer,
  add helper_declared_at timestamptz,
  add change bigint not null default 0;

create index notices_change on notices (site_id, change);

create index notices_payer on notices (site_id, payer_code) where payer_code is not null;

-- Who owes at a site, as the newest of the notices says. Erased with the last notice that names the payer.
create table payers (
  site_id text not null,
  payer_code text not null,
  name text not null,
  group_name text not null,
  guardian_name text not null,
  guardian_phone text not null,
  told_on date not null,
  told_by text not null,
  code_key text,
  name_keys text[] not null,
  change bigint not null,
  primary key (site_id, payer_code)
);

create index payers_change on payers (site_id, change);

-- Who is meant at another site than the one that received the money.
create index payers_code_key on payers (code_key) where code_key is not null;

create index payers_name_keys on payers using gin (name_keys);

-- Words that people here are named with; only ever more of them.
create table name_words (word text primary key);

-- How often something was taken away from a site's payers and notices, which no change number tells.
create table site_erasures (
  site_id text primary key,
  erasures bigint not null
);

alter table credits
  add sender_key bytea,
  add memo_key bytea,
  add reverses text,
  add reversed_by text,
  add decided_version bigint not null default 1;

create index credits_reversed_by on credits (reversed_by) where reversed_by is not null;

drop index credits_review;

create index credits_review on credits (site_id, occurred_at, credit_id collate "C")
  where status in ('unmatched', 'suggested') and unidentified > 0;

create index credits_page on credits (credit_id collate "C");

-- Whole: as a partial index it was read from end to end to find the allocations of one credit that hold.
drop index allocations_notice;

create index allocations_notice on allocations (notice_id);

-- Their plans are made while the tables are small and kept: without this they would read whole tables for every row from then on.
alter function check_credit_counter() set enable_seqscan = off;

alter function check_notice_counter() set enable_seqscan = off;

-- What the bank's message said, for as long as ingest keeps it too.
create table texts (
  credit_id text primary key references credits,
  memo text,
  counter_name text,
  counter_account text
);

-- For whom a sender paid: derived from the live allocations of a credit, so that a correction unteaches it. A sender is the
-- keyed hash of an account, or of a memo's own words.
create table habits (
  credit_id text not null references credits,
  sender_key bytea not null,
  site_id text not null,
  day date not null,
  payer_codes text[] not null,
  paid_through text not null,
  primary key (credit_id, sender_key)
);

create index habits_sender on habits (site_id, sender_key, day);

-- Who did what, when, and what stood before; never changed.
create table acts (
  act_id bigint generated always as identity primary key,
  credit_id text not null references credits,
  act text not null,
  person text not null,
  role text not null,
  at timestamptz not null,
  reason text,
  version bigint not null,
  before jsonb
);

create index acts_credit on acts (credit_id, act_id);

-- migrate: rollback

drop table acts;

drop table habits;

drop table texts;

drop table site_erasures;

drop table name_words;

drop table payers;

drop index allocations_notice;

create index allocations_notice on allocations (notice_id) where undone_by is null;

alter function check_credit_counter() reset enable_seqscan;

alter function check_notice_counter() reset enable_seqscan;

drop index credits_page;

drop index credits_review;

create index credits_review on credits (site_id, occurred_at, credit_id)
  where status in ('unmatched', 'suggested') and unidentified > 0;

alter table credits drop sender_key, drop memo_key, drop reverses, drop reversed_by, drop decided_version;

alter table notices drop payer_code, drop purpose, drop period, drop issued_on, drop priority, drop helper_declared_at, drop change;

drop sequence changes;
