-- Money that went back to who had paid it, shown on the bill that it had been meant for.
-- depends: 0008_erased

-- migrate: apply

-- One row a notice that the credit pays, paid or was meant for; the amount is the credit's, all that went back of it.
create table returned (
  credit_id text not null references credits,
  notice_id text not null,
  amount bigint not null check (amount > 0),
  paid_at timestamptz not null,
  returned_at timestamptz not null,
  primary key (credit_id, notice_id)
);

create index returned_notice on returned (notice_id);

-- migrate: rollback

drop table returned;
