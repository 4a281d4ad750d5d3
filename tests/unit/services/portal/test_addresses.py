from __future__ import annotations

import pytest

from services.portal.model import NO_SITE, Place
from services.portal.web import addresses
from services.portal.web.refusals import Refusal
from tests.unit.services.portal.builders import NOON


def test_an_address_holds_the_state_of_its_page():
    assert addresses.payments("TH-1") == "/sites/TH-1/payments"
    address = addresses.payments("TH 1/2", "review", Place(NOON, "c&1"))
    assert address.startswith("/sites/TH%201%2F2/payments?state=review&before=")
    assert address.endswith("-c%261")


def test_money_without_a_site_has_an_address_too():
    assert addresses.payments(NO_SITE) == "/sites/-/payments"
    assert addresses.site_in("-") == NO_SITE


def test_a_long_search_is_refused_in_a_sentence():
    with pytest.raises(Refusal) as refused:
        addresses.search("a" * 10_000)
    assert "nhiều nhất 100 ký tự" in refused.value.sentence


@pytest.mark.parametrize("text", ["x", "|", "a|", "|b", "a|b\0", "a" * 2000 + "|b"])
def test_a_tampered_place_in_the_overview_is_refused(text):
    with pytest.raises(Refusal):
        addresses.site_place(text)


def test_an_unknown_filter_is_refused_with_a_way_back():
    with pytest.raises(Refusal) as refused:
        addresses.state_filter("paid", "TH-1")
    assert refused.value.back == "/sites/TH-1/payments"
