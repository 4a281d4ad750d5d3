-- What dashboards may read of the past: figures and the names beside them, through views, as the role history.
-- depends: 0002_adoption_metrics

-- migrate: apply

-- The names of metrics by their places in the arrays of figures; services/adoption/metrics.py has the same order.
create table metric_names (
  place integer primary key,
  metric text not null unique,
  unit text not null
);

insert into metric_names (place, metric, unit) values
  (1, 'cashless_share_payers', 'ratio'), (2, 'cashless_share_count', 'ratio'), (3, 'cashless_share_value', 'ratio'),
  (4, 'helped_share_payers', 'ratio'), (5, 'helped_share_count', 'ratio'), (6, 'helped_share_value', 'ratio'),
  (7, 'site_coverage', 'ratio'), (8, 'sites_gone_quiet', 'ratio'), (9, 'payer_adoption', 'ratio'),
  (10, 'first_time_payers', 'ratio'), (11, 'returning_payers', 'ratio'), (12, 'back_to_cash_payers', 'ratio'),
  (13, 'paid_from_afar_bills', 'ratio'), (14, 'issue_to_paid_days', 'days'), (15, 'paid_on_time', 'ratio'),
  (16, 'received_to_matched_seconds', 'seconds'), (17, 'matched_within_1s', 'ratio'), (18, 'matched_within_5s', 'ratio'),
  (19, 'matched_within_1m', 'ratio'), (20, 'matched_within_1h', 'ratio'), (21, 'matched_within_1d', 'ratio'),
  (22, 'automatic_share', 'ratio'), (23, 'automatic_undone_share', 'ratio'), (24, 'review_age_days', 'days'),
  (25, 'transfer_cost_dong', 'dong'), (26, 'short_by_fee_share', 'ratio'), (27, 'short_by_fee_dong', 'dong'),
  (28, 'bundled_transfers_saved', 'ratio'), (29, 'webhook_late_share', 'ratio'),
  (30, 'webhook_lateness_seconds', 'seconds'), (31, 'healed_by_statement_share', 'ratio'),
  (32, 'duplicate_reports_share', 'ratio');

create view history_figures as
select m.metric, m.unit, split_part(scope, ':', 1) as level, substr(scope, strpos(scope, ':') + 1) as code, site_type, fee_kind,
  window_kind, as_of, numerators[place] as numerator, denominators[place] as denominator,
  numerators[place]::float8 / denominators[place] as value
from figures join metric_names m on denominators[place] > 0;

create view history_units as
select unit_code, valid_from, valid_to, name, level, parent_code, succeeded_by, population, people_15_plus, households,
  group_members
from units;

create view history_sites as select site_id, name, type from sites;

create view history_campaigns as select campaign_id, name, unit_code, starts_on, ends_on, kind from campaigns;

create view history_context as select unit_code, measure, as_of, value, source, assumed from context;

create view history_transfer_fees as
select bank, provider, valid_from, valid_to, amount_from, amount_to, fee, source, assumed from transfer_fees;

grant usage on schema adoption to history;

grant select on history_figures, history_units, history_sites, history_campaigns, history_context, history_transfer_fees
to history;

-- migrate: rollback

revoke usage on schema adoption from history;

drop view history_figures, history_units, history_sites, history_campaigns, history_context, history_transfer_fees;

drop table metric_names;
