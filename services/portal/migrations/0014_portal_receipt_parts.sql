-- A confirmation covers its notices whole, however many payments paid them: which notices, and which payments.
-- depends: 0013_portal_exempt

-- migrate: apply

-- Null: of one payment, which is confirmed with all that it pays.
alter table receipts
  add column notice_ids text[],
  add column credit_ids text[],
  add constraint covers_notices_by_payments check ((notice_ids is null) = (credit_ids is null));

-- migrate: rollback

alter table receipts drop constraint covers_notices_by_payments, drop column credit_ids, drop column notice_ids;
