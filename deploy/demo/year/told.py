"""What a lived year comes to: the truth of every payment, as the records that figures are counted from.

When the ledger received and decided something, and through whom it says a fee was paid, is its own affair: that is taken from its
record (`Moments`) and held against what was done. Everything else is what the simulation did.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from deploy.demo import district
from deploy.demo.happened import UNKNOWN, Drive, Fee, Money, Movement, Part, Price, Spot, Truth, UnitSpan
from deploy.demo.year.living import District
from deploy.demo.year.plan import Act, Fate, Way

OPEN_END = date.max


@dataclass(frozen=True, slots=True)
class Moments:
    """What only the installation knows of a movement."""

    received_at: datetime
    decided_at: Mapping[str, datetime]
    """By notice, of what holds."""
    through_helpers: frozenset[str] = frozenset()
    """Notices that it says staff or helpers paid."""
    sightings: tuple[tuple[str, str, datetime], ...] = ()
    opened: Mapping[str, tuple[datetime | None, datetime | None]] | None = None


class TruthError(Exception):
    """The installation's record contradicts what was done."""


def truth(lived: District, moments: Mapping[str, Moments], today: date) -> Truth:
    """The truth as of a date; raises TruthError."""
    units = district.rows("units")
    spans = [
        UnitSpan(row["level"], row["unit_code"], date.fromisoformat(row["valid_from"]), _day(row["valid_to"]))
        for row in units
    ]
    in_directory = district.sites()
    places = {site.site_id: site for site in in_directory}
    parents = {row["unit_code"]: row["parent_code"] for row in units if row["level"] == "commune" and not row["valid_to"]}
    first_days = {row["site_id"]: date.fromisoformat(row["valid_from"]) for row in district.rows("sites")}

    def spot(site_id: str, day: date) -> Spot:
        site = places.get(site_id)
        if site is None:
            return Spot()
        if day < first_days[site_id]:
            return Spot(site.type)
        return Spot(site.type, UNKNOWN, site.unit_code, UNKNOWN, parents[site.unit_code], stands=True)

    acts = lived.lived.acts
    return Truth(
        today=today,
        site_ids=[site.site_id for site in in_directory],
        spot=spot,
        units=spans,
        fees=[
            Fee(
                each.notice_id, f"{each.site_id}/{lived.lived.bills[each.notice_id]}", each.site_id, each.payer_code,
                each.fee_kind, each.amount, each.issued_on, each.due_on, unit_code=each.unit_code,
            )
            for each in lived.lived.notices
        ],
        money=[_money(lived, act, moments[act.movement_id]) for act in acts if act.direction == "in"],
        movements=[_movement(lived, act, moments[act.movement_id]) for act in acts if act.channel == "bank"],
        prices=prices(),
        drives=campaign_drives(),
    )  # fmt: skip


def prices() -> list[Price]:
    """The sample's table of transfer fees."""
    return [
        Price(
            row["bank"], row["provider"], date.fromisoformat(row["valid_from"]), _day(row["valid_to"]),
            int(row["amount_from"] or 0), int(row["amount_to"] or 10**15), int(row["fee"]),
        )
        for row in district.rows("transfer-fees")
    ]  # fmt: skip


def campaign_drives() -> list[Drive]:
    """The sample's campaigns, under every code of their units; of the communes of before the merger too."""
    units = district.rows("units")
    levels = {row["unit_code"]: row["level"] for row in units}
    found = []
    for row in district.rows("campaigns"):
        code = row["unit_code"]
        became = {each["unit_code"] for each in units if each["succeeded_by"].split(";") == [code]}
        found.append(
            Drive(
                row["campaign_id"], levels[code], frozenset({code, *became}), date.fromisoformat(row["starts_on"]),
                date.fromisoformat(row["ends_on"]),
            )
        )  # fmt: skip
    return found


def _money(lived: District, act: Act, known: Moments) -> Money:
    if known.decided_at.keys() != act.pays.keys():
        raise TruthError(f"a movement ({act.way}) pays {sorted(known.decided_at)} instead of {sorted(act.pays)}")
    live = [
        Part(
            notice_id, amount, notice_id in known.through_helpers, "clerk" if notice_id in act.by_hand else "auto",
            known.decided_at[notice_id],
        )
        for notice_id, amount in act.pays.items()
    ]  # fmt: skip
    gone = [Part(notice_id, amount, undone_by="clerk") for notice_id, amount in act.taken_back]
    return Money(
        credit_id=act.movement_id,
        site_id=act.site_id,
        channel=act.channel,
        occurred_at=act.at,
        received_at=known.received_at,
        amount=act.amount,
        parts=(*live, *gone),
        provider=lived.provider_of(act) if act.channel == "bank" else UNKNOWN,
        bank=bank_label(lived.bank_of(act)) if act.channel == "bank" else UNKNOWN,
        is_income=act.is_payment,
        is_waiting=act.way is Way.WITHOUT_A_WORD and act.at.date() >= lived.leave_waiting,
    )


def _movement(lived: District, act: Act, known: Moments) -> Movement:
    told = [way for _, way, _ in known.sightings].count("webhook")
    if told != (0 if act.fate is Fate.LOST else 1):
        raise TruthError(f"a movement ({act.fate}) was told of by {told} webhooks")
    return Movement(act.movement_id, act.site_id, act.account, act.at, known.sightings, bank_label(lived.bank_of(act)))


def bank_label(text: str | None) -> str:
    """A payer's bank as scopes name it: letters and digits in capitals."""
    label = "".join(letter for letter in (text or "").upper() if letter.isascii() and letter.isalnum())
    return label[:20] or UNKNOWN


def _day(text: str) -> date:
    return date.fromisoformat(text) if text else OPEN_END
