-- Refunds of what settled treatments leave of their deposits (hoàn ứng): proposed by the settlement itself, each once.
-- depends: 0005_reconciliation_obligation

-- migrate: apply

-- left_of: the allocation to the deposit from which the money was taken; a later proposal of the same money, by hand, has none.
alter table refunds
  add left_of text unique,
  add notice_id text,
  add constraint left_of_a_deposit check (
    (why = 'deposit_left') = (notice_id is not null) and (left_of is null or notice_id is not null));

create index refunds_of_notice on refunds (notice_id) where notice_id is not null;

create index refunds_of_deposit_credit on refunds (credit_id) where notice_id is not null;

-- migrate: rollback

drop index refunds_of_deposit_credit;

drop index refunds_of_notice;

alter table refunds drop notice_id, drop left_of;
