-- Treatments that were settled: sums, what is still to be paid, what goes back to the patient.
-- depends: 0004_exempted

-- migrate: apply

create table settlements (
  settlement_id text primary key,
  site_id text not null,
  payer_code text not null,
  total bigint not null check (total > 0),
  insurance bigint not null check (insurance >= 0 and insurance <= total),
  deposit bigint not null check (deposit >= 0),
  to_pay bigint not null check (to_pay >= 0),
  to_return bigint not null check (to_return >= 0),
  notice_id text references notices,
  deposit_notice_ids text[] not null,
  act_id uuid not null references acts,
  check (total - insurance - deposit = to_pay - to_return),
  check (to_pay = 0 or to_return = 0)
);

create index settlements_site on settlements (site_id);

-- migrate: rollback

drop table settlements;
