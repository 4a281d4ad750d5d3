"""Grafana's dashboards as code: `python -m deploy.grafana --write` makes dashboards/*.json, which Grafana provisions.

`panels` holds the few kinds of panel, `queries` the two kinds of question (Prometheus for now, PostgreSQL's views for the past);
one module a dashboard. Titles and descriptions are for people of the district and so in Vietnamese. Grafana itself does not run
where this is built: tests put every question to a real Prometheus and a real PostgreSQL, and compare the files with this code.
"""
