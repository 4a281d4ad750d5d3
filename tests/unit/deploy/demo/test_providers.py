"""Webhooks are formed and signed as the providers form and sign them; ingest's own readers take them."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from deploy.demo import district, providers
from deploy.demo.providers import Connection, Report, connection_of
from services.ingest.providers import PROVIDERS
from services.ingest.providers.base import Delivery, UnauthorizedError, verify
from shared.clock import LOCAL

TOKEN = "an administrator's token"


def now() -> int:
    """The project's own verifier looks at the clock, and the run of all tests may take longer than its tolerance."""
    return int(datetime.now(UTC).timestamp())


CONNECTIONS = {each.scheme: each for each in (connection_of(site, TOKEN) for site in district.sites())}


def a_report(memo: str = "CUSTOMER KHC123. TU: NONG THI HOA", amount: int = 452_000) -> Report:
    moment = datetime(2026, 11, 5, 14, 2, 37, tzinfo=LOCAL)
    return Report(
        17_950_000_000_001, "MAU260000001", amount, "in", moment, memo, "NONG THI HOA", "0001000000001", "MBBank",
        "FT26309000000001", 20_452_000,
    )  # fmt: skip


def a_delivery(connection: Connection, report: Report) -> Delivery:
    raw = providers.body(connection, report)
    headers = providers.headers(connection, report, raw, now())
    return Delivery({name.lower(): value for name, value in headers.items()}, raw)


def test_the_signature_of_sepay_is_that_of_the_documented_scheme() -> None:
    raw = (
        b'{"id":92704,"gateway":"Vietcombank","transactionDate":"2023-03-25 14:02:37","accountNumber":"0123499999",'
        b'"code":null,"content":"chuyen tien mua iphone","transferType":"in","transferAmount":2277000,'
        b'"accumulated":19077000,"subAccount":null,"referenceCode":"MBVCB.3278907687","description":""}'
    )
    expected = "sha256=cb40d83d0be49a088b3fe6cf13b89f5889879d6b03a5e6ff492e78f7367f07a5"
    assert providers.sepay_signature("test-secret-0123456789", 1_700_000_000, raw) == expected


def test_the_standard_signature_is_that_of_the_published_vector() -> None:
    signature = providers.standard_signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, b'{"test": 2432232314}'
    )
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_projects_own_library_accepts_a_standard_webhook() -> None:
    connection = CONNECTIONS["standard"]
    report = a_report()
    raw = providers.body(connection, report)
    headers = providers.headers(connection, report, raw, now())
    assert Webhook(connection.secret).verify(raw, headers) == json.loads(raw)


@pytest.mark.parametrize("scheme", ["sepay/hmac", "sepay/apikey", "standard"])
@given(
    memo=st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=200),
    amount=st.integers(1, 10**10),
)
def test_ingest_verifies_and_reads_every_report_as_it_was_meant(scheme: str, memo: str, amount: int) -> None:
    connection, report = CONNECTIONS[scheme], a_report(memo, amount)
    provider = PROVIDERS[connection.provider]
    delivery = a_delivery(connection, report)
    settings = connection.settings()
    verify([provider.schemes[settings["scheme"] or provider.default_scheme](connection.secret)], delivery, now())
    (read,) = provider.parse(delivery)
    assert (read.account, read.amount, read.direction, read.memo) == (report.account, amount, "in", memo)
    assert read.occurred_at == report.occurred_at
    assert (read.bank_reference, read.balance_after) == (report.bank_reference, report.balance_after)


@pytest.mark.parametrize("scheme", ["sepay/hmac", "sepay/apikey", "standard"])
def test_ingest_refuses_the_report_of_another_installation(scheme: str) -> None:
    connection = CONNECTIONS[scheme]
    provider = PROVIDERS[connection.provider]
    site = next(site for site in district.sites() if site.site_id == connection.connection_id)
    stranger = connection_of(site, "another administrator's token")
    check = provider.schemes[connection.settings()["scheme"] or provider.default_scheme](connection.secret)
    with pytest.raises(UnauthorizedError):
        verify([check], a_delivery(stranger, a_report()), now())


def test_most_sites_are_reported_by_sepay_with_hmac() -> None:
    schemes = [connection_of(site, TOKEN).scheme for site in district.sites()]
    assert schemes.count("sepay/hmac") > len(schemes) / 2
    assert 5 <= schemes.count("sepay/apikey") < schemes.count("standard") < schemes.count("sepay/hmac")
    assert len({connection_of(site, TOKEN).secret for site in district.sites()}) == len(schemes)


def test_waits_are_fibonacci_minutes_and_stay_at_the_longest() -> None:
    waits = [providers.wait_before_attempt_s(attempt, 1.0) for attempt in range(10)]
    assert waits == [0, 1, 1, 2, 3, 5, 8, 13, 13, 13]
