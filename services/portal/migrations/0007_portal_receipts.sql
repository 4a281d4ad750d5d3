-- A payment that changed after it was confirmed is confirmed anew: the old code stays and says so to whoever checks it.
-- depends: 0006_portal_help

-- migrate: apply

alter table receipts drop constraint receipts_credit_id_key;

create index receipts_of_credit on receipts (credit_id);

-- What a counter issues most stands first in its list.
create index notices_by_day on notices (site_id, issued_on desc, fee_kind);

-- migrate: rollback

drop index notices_by_day;

drop index receipts_of_credit;

alter table receipts add constraint receipts_credit_id_key unique (credit_id);
