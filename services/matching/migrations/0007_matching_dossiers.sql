-- Payments that the public-service portal reports are found by their dossier, however its code is written.
-- depends: 0006_matching_returned

-- migrate: apply

-- A dossier's code without its dots and dashes, as people and portals leave them out: "H02.31-250701-0001" is "h02312507010001".
create function dossier_key(code text) returns text language sql immutable parallel safe
  return nullif(regexp_replace(lower(code), '[^a-z0-9]', '', 'g'), '');

create index credits_dossier on credits (site_id, dossier_key(payer_code)) where channel = 'portal' and payer_code is not null;

-- migrate: rollback

drop index credits_dossier;

drop function dossier_key;
