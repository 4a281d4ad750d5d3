-- A deposit counts in one settlement: its money cannot be given back, or taken off, twice.
-- depends: 0006_drafts

-- migrate: apply

create table settled_deposits (
  deposit_notice_id text primary key references notices,
  settlement_id text not null references settlements
);

-- What was counted twice before stays in the settlement that counted it first.
insert into settled_deposits (deposit_notice_id, settlement_id)
select distinct on (deposit_notice_id) deposit_notice_id, settlement_id
from settlements join acts using (act_id) cross join unnest(deposit_notice_ids) deposit_notice_id
order by deposit_notice_id, acted_at, settlement_id;

-- migrate: rollback

drop table settled_deposits;
