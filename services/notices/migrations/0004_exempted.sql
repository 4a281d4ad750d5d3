-- Of whom a round asked nothing, with the terms that say so: amounts and decisions, never reasons.
-- depends: 0003_bill_signals

-- migrate: apply

create table exempted (
  site_id text not null,
  round text not null,
  fee_kind text not null,
  payer_code text not null,
  terms jsonb not null,
  act_id uuid not null references acts,
  primary key (site_id, round, fee_kind, payer_code)
);

-- migrate: rollback

drop table exempted;
