"""Metrics that every service has. Labels are bounded: no payer, no account, no id (DESIGN §6.6)."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

HTTP_SECONDS = Histogram(
    "khop_http_request_seconds", "Time to answer an HTTP request.", ["method", "route", "status"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)  # fmt: skip
REFUSED = Counter("khop_refused_total", "Input that was refused, by kind.", ["kind"])
BATCH_RECORDS = Histogram(
    "khop_consumer_batch_records", "Records in a consumed batch.", buckets=(1, 2, 5, 10, 25, 50, 100, 250, 500, 1000)
)
HANDLER_SECONDS = Histogram("khop_consumer_handler_seconds", "Time to handle a topic's part of a batch.", ["topic"])
CONSUMER_LAG = Gauge("khop_consumer_lag_records", "Records between the consumer and the end.", ["topic", "partition"])
CONSUMER_RETRIES = Counter("khop_consumer_retries_total", "Batches tried again after a passing failure.")
COMMIT_FAILURES = Counter("khop_consumer_commit_failures_total", "Offset commits that failed (the batch comes again).")
DEAD_LETTERS = Counter("khop_dead_letters_total", "Records sent to dlq.v1.", ["topic"])
DEAD_LETTERS_WAITING = Gauge(
    "khop_dead_letters_waiting",
    "Entities of which a record was set aside, none was handled since and nobody dismissed it; each replica tells of all.",
    ["topic"],
)
OUTBOX_DEPTH = Gauge("khop_outbox_depth_events", "Events waiting in the outbox, as far as one batch of the relay sees.")
OUTBOX_AGE_SECONDS = Gauge("khop_outbox_age_seconds", "Age of the oldest event waiting in the outbox.")
OUTBOX_SENT = Counter("khop_outbox_sent_total", "Events acknowledged by the broker.", ["topic"])
OUTBOX_FAILURES = Counter("khop_outbox_failures_total", "Sends that the broker did not acknowledge (tried again).")
POOL_CONNECTIONS = Gauge("khop_pool_connections", "PostgreSQL connections of the pool.", ["state"])
EVENT_LATENCY = Histogram(
    "khop_event_latency_seconds", "From an event's commit at its owner to its handling here.", ["topic"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60),
)  # fmt: skip
