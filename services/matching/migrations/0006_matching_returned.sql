-- What a settled treatment leaves of a deposit goes back to the payer; and when money of a credit went back.
-- depends: 0005_matching_suspense

-- migrate: apply

-- Of an allocation to a deposit: how much of it was set apart to go back, and who settled the treatment.
alter table allocations
  add set_apart bigint,
  add settled_by text,
  add constraint set_apart_by_a_settlement check (
    (set_apart is null) = (settled_by is null)
    and (set_apart is null or (set_apart > 0 and set_apart <= amount and undone_by is not null)));

create index allocations_set_apart on allocations (notice_id) where set_apart is not null;

alter table credits add returned_at timestamptz;

update credits c set returned_at = coalesce(
  (select max(a.at) from acts a where a.credit_id = c.credit_id and a.act = 'returned'), received_at)
where returned > 0;

alter table credits add constraint returned_at_a_time check ((returned = 0) = (returned_at is null));

-- migrate: rollback

alter table credits drop returned_at;

drop index allocations_set_apart;

alter table allocations drop settled_by, drop set_apart;
