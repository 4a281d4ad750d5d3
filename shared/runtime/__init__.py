"""Plumbing shared by all services: settings, PostgreSQL, Kafka, outbox, HTTP, telemetry. No business decision."""
