-- What pages read most, within reach of indexes behind row-level security.
-- depends: 0007_portal_receipts

-- migrate: apply

-- The day of a site's business day as a date: row-level security lets an index compare dates, but no text taken out of JSON.
alter table entities add column day date;

update entities set day = (entity ->> 'date')::date where topic = 'reconciliation.days.v1';

drop index entities_by_day;

create index entities_by_day on entities (site_id, day) where topic = 'reconciliation.days.v1';

-- How much of a notice is paid, from the index alone: a page of rounds asks it of every notice of a site.
drop index allocations_of_notice;

create index allocations_of_notice on allocations (notice_id) include (amount, site_id);

-- migrate: rollback

drop index allocations_of_notice;

create index allocations_of_notice on allocations (notice_id);

drop index entities_by_day;

create index entities_by_day on entities (topic, site_id, (entity ->> 'date')) where topic = 'reconciliation.days.v1';

alter table entities drop column day;
