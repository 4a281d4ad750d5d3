-- Payments that the public-service portal reports are found by their dossier, however its code is written.
-- depends: 0006_matching_returned

-- migrate: apply

-- A dossier's code without its dots and dashes, as people and portals leave them out: "H02.31-250701-0001" is "h02312507010001". A short
-- code keeps them: without, "1-12" and "11-2" would be one.
create function dossier_key(code text) returns text language sql immutable parallel safe
  return case when length(regexp_replace(lower(code), '[^a-z0-9]', '', 'g')) >= 10
    then regexp_replace(lower(code), '[^a-z0-9]', '', 'g') else lower(code) end;

create index credits_dossier on credits (site_id, dossier_key(payer_code)) where channel = 'portal' and payer_code is not null;

-- migrate: rollback

drop index credits_dossier;

drop function dossier_key;
