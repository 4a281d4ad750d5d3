from __future__ import annotations

from shared.runtime.consumer import Received
from shared.runtime.folding import newest, newest_values
from tests.unit.services.portal.builders import a_site

BATCH = [
    Received(site, None) for site in (a_site("b", version=2), a_site("a"), a_site("b", version=1), a_site("b", version=3))
]


def test_of_a_batch_only_the_newest_version_of_each_entity_is_kept_in_the_order_of_keys():
    assert [(site.site_id, site.version) for site in newest_values(BATCH)] == [("a", 1), ("b", 3)]


def test_with_their_traces_entities_stay_in_the_order_in_which_they_first_appear():
    assert [(each.value.site_id, each.value.version) for each in newest(BATCH)] == [("b", 3), ("a", 1)]
