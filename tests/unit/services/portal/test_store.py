from __future__ import annotations

from services.portal.handlers import KEPT_BY
from services.topology import service


def test_every_topic_of_the_topology_is_kept():
    assert set(KEPT_BY) == set(service("portal").consumes)
