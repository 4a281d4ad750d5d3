-- Who was noted to pay nothing before 0013 is found by name too: searched without diacritics, and by the code without its dots.
-- depends: 0014_portal_receipt_parts

-- migrate: apply

-- As shared/vietnamese.py writes it; what was noted since is written so already.
update exemptions set search_key = btrim(regexp_replace(
  lower(regexp_replace(
    normalize(translate(payer_name || ' ' || payer_code || ' ' || code_key, 'đĐ', 'dD'), nfd), '[\u0300-\u036f]', '', 'g')),
  '\s+', ' ', 'g'));

-- migrate: rollback

select 1;
