-- Which deposits a settlement has counted: they are offered for no other one.
-- depends: 0008_portal_indexes

-- migrate: apply

alter table notices add column is_settled boolean not null default false;

-- migrate: rollback

alter table notices drop column is_settled;
