"""Every setting of a service, from the environment (prefix KHOP_). docs/settings.md is made from this file."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.runtime.secrets import derived_password


class Settings(BaseSettings):
    """What a service is told from outside; nothing else is read from the environment."""

    model_config = SettingsConfigDict(env_prefix="KHOP_", frozen=True, extra="ignore", populate_by_name=True)

    database_url: SecretStr = Field(
        description="PostgreSQL. A service signs in as the role that bears its name; where the URL names another user or "
        "none, the role's password is derived from KHOP_SECRET_KEY."
    )
    kafka_bootstrap: str = Field(description="Kafka's host:port list.")
    secret_key: SecretStr = Field(
        min_length=32,
        description="The installation's secret: role passwords, tokens between services and the encryption of providers' "
        "secrets are derived from it.",
    )
    admin_token: SecretStr = Field(min_length=16, description="The bearer token of management calls.")
    history_password: SecretStr | None = Field(
        None,
        description="What `khop prepare` sets as the password of the role `history`, which may only read the views that "
        "Grafana shows; without it it is derived from KHOP_SECRET_KEY.",
    )
    host: str = Field("127.0.0.1", description="The address to listen on.")
    port: int = Field(8080, ge=1, le=65535, description="The port to listen on.")
    replica: int = Field(0, ge=0, description="Which replica of its service this process is: its static group membership.")
    log_level: str = Field("info", pattern="^(debug|info|warning|error)$", description="Least level that is logged.")
    public_url: str | None = Field(None, description="The address under which payers and providers reach this installation.")
    trusted_proxies: str = Field(
        "",
        description="Reverse proxies whose X-Forwarded-For is believed: addresses or networks, separated by spaces.",
    )

    retention_years: int = Field(
        10,
        ge=1,
        le=100,
        description="For how many years after the end of theirs the books and the bank's messages are kept by law: what a "
        "person asks to erase, these keep until then.",
    )

    directory_url: str = Field("http://127.0.0.1:8081", description="Where the directory service answers.")
    notices_url: str = Field("http://127.0.0.1:8082", description="Where the notices service answers.")
    ingest_url: str = Field("http://127.0.0.1:8083", description="Where the ingest service answers.")
    matching_url: str = Field("http://127.0.0.1:8084", description="Where the matching service answers.")
    reconciliation_url: str = Field("http://127.0.0.1:8085", description="Where the reconciliation service answers.")
    adoption_url: str = Field("http://127.0.0.1:8086", description="Where the adoption service answers.")
    portal_url: str = Field("http://127.0.0.1:8080", description="Where the portal answers.")

    pool_connections_max: int = Field(8, ge=2, description="Most PostgreSQL connections of one service process.")
    statement_cache_size: int = Field(
        256,
        ge=0,
        description="Prepared statements kept by a connection; 0 behind pgbouncer's transaction mode.",
    )
    statement_timeout_ms: int = Field(15_000, gt=0, description="Longest time of one SQL statement.")
    lock_timeout_ms: int = Field(10_000, gt=0, description="Longest wait for a row or advisory lock.")
    idle_in_transaction_timeout_ms: int = Field(30_000, gt=0, description="Longest idle time inside a transaction.")
    batch_records_max: int = Field(500, gt=0, description="Most records a consumer takes at once.")
    outbox_batch_max: int = Field(1_000, gt=0, description="Most events the relay sends at once.")
    outbox_poll_ms: int = Field(50, gt=0, description="How often the relay looks when nobody woke it.")
    topic_partitions: int = Field(12, gt=0, description="Partitions of a new topic (4 in the embedded Kafka).")
    topic_replicas: int = Field(1, gt=0, description="Copies of each partition of a new topic.")
    traffic_timeout_s: float = Field(
        60.0, gt=0, description="How long records may wait without progress before the process exits."
    )

    def role_dsn(self, role: str) -> str:
        """The connection string of a service's role."""
        return role_dsn(self.database_url.get_secret_value(), role, self.secret_key.get_secret_value())


def role_dsn(url: str, role: str, secret_key: str) -> str:
    """Put a role and its password into a connection string, unless the string names that role already."""
    parts = urlsplit(url)
    if parts.username == role:
        return url
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{role}:{derived_password(secret_key, role)}@{host}"))
