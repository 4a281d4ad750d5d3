"""The kinds of senders, one module each: verify → parse → answer."""

from services.ingest.providers import casso, payos, sepay, standard, vietqr
from services.ingest.providers.base import Provider

PROVIDERS: dict[str, Provider] = {
    module.PROVIDER.name: module.PROVIDER for module in (sepay, casso, payos, vietqr, standard)
}
"""By the name that stands in the webhook's address."""
