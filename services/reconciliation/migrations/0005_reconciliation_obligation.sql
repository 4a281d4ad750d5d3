-- What of a round must be paid, and what may: a signed close says the two apart.
-- depends: 0004_reconciliation_money

-- migrate: apply

-- What was stored before lacks the new column: the topics are read again from their start.
update replay_epoch set epoch = epoch + 1 where exists (select from days);

truncate transactions, credits, allocations, statements, statement_lines, sites, site_accounts, notices, touched_days;

alter table notices add column obligation text not null check (obligation in ('due', 'voluntary', 'deposit'));

-- migrate: rollback

alter table notices drop column obligation;
