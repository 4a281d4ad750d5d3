-- Whose balance a credit holds, so that it is applied when the payer's next notice is issued.
-- depends: 0003_matching_doubts

-- migrate: apply

-- Of an opening balance: whose it is. Of any other credit with a balance: the one payer of all that it pays, kept by OWN.
-- Erased with the payer.
alter table credits add payer_code text;

create index credits_payer on credits (site_id, payer_code) where payer_code is not null;

-- What was paid from a balance goes back to it where the notice is lowered or cancelled (rule 9).
alter table allocations add from_balance boolean not null default false;

update credits c set payer_code = (
  select min(n.payer_code) from allocations a join notices n using (notice_id)
  where a.credit_id = c.credit_id and a.undone_by is null
  having count(distinct n.payer_code) = 1 and count(n.payer_code) = count(*) and bool_and(n.site_id = c.site_id)
) where balance > 0;

-- migrate: rollback

alter table allocations drop from_balance;

alter table credits drop payer_code;
