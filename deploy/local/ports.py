"""Where each service listens: the portal at --port, the others at the six ports that follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from deploy.local.errors import LocalStackError
from deploy.local.state import port_is_free

PORTAL = "portal"
EVERY_INTERFACE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - addresses to listen on are no addresses to call


@dataclass(frozen=True)
class ServicePorts:
    """The host and the ports of the services, of which there are `names`."""

    host: str
    port: int
    names: Sequence[str]

    @property
    def by_name(self) -> dict[str, int]:
        """The port of each service, the portal's first."""
        others = [name for name in self.names if name != PORTAL]
        return {PORTAL: self.port} | {name: self.port + 1 + place for place, name in enumerate(others)}

    def urls(self) -> dict[str, str]:
        """The base URL of each service, as a client on this machine calls it."""
        host = EVERY_INTERFACE.get(self.host) or (f"[{self.host}]" if ":" in self.host else self.host)
        return {name: f"http://{host}:{port}" for name, port in self.by_name.items()}


def refuse_taken_ports(services: ServicePorts) -> None:
    """Raise LocalStackError where somebody else listens on one of the ports."""
    for name, port in services.by_name.items():
        if not port_is_free(services.host, port):
            raise LocalStackError(f"port {port}, for {name}, is in use by another program; choose another with --port")
