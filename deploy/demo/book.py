"""The slips that payers hold, made from what the notices service answers. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from deploy.demo.district import SampleSite
from deploy.demo.payers import Bill, OpenNotice


def bills_of(site: SampleSite, notices: Iterable[Mapping[str, Any]]) -> list[Bill]:
    """A site's bills of which nothing is paid yet, by reference. Half-paid ones are another payer's affair."""
    by_reference: dict[str, list[Mapping[str, Any]]] = {}
    for notice in notices:
        by_reference.setdefault(notice["reference"], []).append(notice)
    return [
        Bill(
            reference=reference,
            site_id=site.site_id,
            account=site.account,
            payer_name=together[0]["payer_name"] or "",
            group=together[0]["group"] or "",
            notices=tuple(OpenNotice(each["notice_id"], each["amount"], each["fee_kind"]) for each in together),
        )
        for reference, together in sorted(by_reference.items())
        if not any(each["paid"] for each in together)
    ]
