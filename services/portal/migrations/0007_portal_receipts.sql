-- A payment that changed after it was confirmed is confirmed anew: the old code stays and says so to whoever checks it.
-- depends: 0006_portal_help

-- migrate: apply

alter table receipts drop constraint receipts_credit_id_key;

create index receipts_of_credit on receipts (credit_id);

-- What a counter issues most stands first in its list.
create index notices_by_day on notices (site_id, issued_on desc, fee_kind);

-- A form that is sent twice (a double click, a lost answer) says the same moment both times, and what came of it.
create table sent_forms (
  once text primary key,
  at timestamptz not null,
  outcome text
);

create index sent_forms_by_time on sent_forms (at);

-- migrate: rollback

drop table sent_forms;

drop index notices_by_day;

drop index receipts_of_credit;

alter table receipts add constraint receipts_credit_id_key unique (credit_id);
