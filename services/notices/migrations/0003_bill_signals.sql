-- What payers told by a bill's public page and what is not yet a new version of its notices.
-- depends: 0002_notices_issuing

-- migrate: apply

create table bill_signals (
  bill_id text primary key references bills,
  link_opened_at timestamptz,
  helper_declared_at timestamptz
);

-- migrate: rollback

drop table bill_signals;
