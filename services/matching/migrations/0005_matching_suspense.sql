-- What is still to be placed, so that a gauge of it reads no whole ledger.
-- depends: 0004_matching_balances

-- migrate: apply

create index credits_suspense on credits (unidentified, balance, to_return) where unidentified + balance + to_return > 0;

-- migrate: rollback

drop index credits_suspense;
