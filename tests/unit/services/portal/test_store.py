from __future__ import annotations

from services.portal.handlers import KEPT_BY
from services.portal.store import newest
from services.topology import service
from tests.unit.services.portal.builders import a_site


def test_of_a_batch_only_the_newest_version_of_each_entity_is_kept_in_the_order_of_keys():
    batch = [a_site("b", version=2), a_site("a"), a_site("b", version=1), a_site("b", version=3)]
    assert [(site.site_id, site.version) for site in newest(batch)] == [("a", 1), ("b", 3)]


def test_every_topic_of_the_topology_is_kept():
    assert set(KEPT_BY) == set(service("portal").consumes)
