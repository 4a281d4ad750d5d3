-- What a form that takes cash will do, kept before it is done: its twin does just that, not what is left after it.
-- depends: 0011_portal_fee_changes

-- migrate: apply

-- Forms of before say nothing of it, and are asked for again.
delete from sent_forms where outcome is null;

alter table sent_forms add column planned jsonb not null default '[]';

-- migrate: rollback

alter table sent_forms drop column planned;
