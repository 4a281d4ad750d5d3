-- A fee kind of all sites may be for one type of site only: a clinic collects no boarding meals.
-- depends: 0009_returned

-- migrate: apply

alter table fee_kinds
  add column site_type text check (site_type in ('school', 'health', 'office')),
  add constraint of_a_type_or_of_a_site check (site_type is null or site_id = '');

-- migrate: rollback

alter table fee_kinds drop constraint of_a_type_or_of_a_site, drop column site_type;
