"""Sites: rows of a file become a site with its accounts and its dated history of units. Pure.

Several rows of one site are its history or its further accounts: a row with another unit moves the site on that day; a row
with another account adds it. A file adds to what is known of a site and corrects it, but an account that it does not name
stays. An account ends only where a row says valid_to, never by another row: a later account may be a further one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import get_args

from services.directory.model import EARLIEST, UNVERSIONED, Wanted
from shared.events import Site
from shared.events.directory import SiteAccount, SiteSettings, SiteType, SiteUnit
from shared.runtime.cells import CellError, Cells, read_rows
from shared.runtime.tables import Column, Rejected, Table
from shared.vietqr import SAMPLE_BIN

OWNERSHIPS = ("public", "private")
_BIN = re.compile(r"\d{6}", re.ASCII)
_ACCOUNT = re.compile(r"[0-9A-Za-z]{1,19}")
"""At most 19 characters, as VietQR carries them."""
_PHONE = re.compile(r"\+?[\d .()-]{3,25}", re.ASCII)
_PREFIX = re.compile(r"[0-9A-Za-z]{1,10}")
NO_PREFIX = "-"
MEMO_LEAST, MEMO_MOST = 11, 25
"""A reference alone has 11 characters; a VietQR's memo holds 25."""
_TOLD_ONCE = ("name", "type", "ownership", "unit_code")
"""What two rows of a site for the same day must agree on."""

COLUMNS = (
    Column("site_id", ("mã đơn vị thu",), required=True),
    Column("name", ("tên", "tên đơn vị thu"), required=True),
    Column("type", ("loại", "loại đơn vị"), required=True),
    Column("ownership", ("sở hữu", "loại hình")),
    Column("unit_code", ("mã đơn vị hành chính", "mã xã"), required=True),
    Column("bank_bin", ("mã ngân hàng", "bin"), required=True),
    Column("account_number", ("số tài khoản",), required=True),
    Column("account_name", ("tên tài khoản", "chủ tài khoản"), required=True),
    Column("valid_from", ("hiệu lực từ", "từ ngày")),
    Column("valid_to", ("hiệu lực đến", "đến ngày")),
    Column("phone", ("điện thoại", "số điện thoại")),
    Column("memo_prefix", ("tiền tố nội dung", "tiền tố")),
    Column("memo_limit", ("độ dài nội dung",)),
)


@dataclass(frozen=True, slots=True)
class SiteRow:
    """What one row of a file tells of a site."""

    row: int
    site_id: str
    name: str
    type: str
    ownership: str
    unit_code: str
    account: SiteAccount | None
    valid_from: date
    phone: str | None
    """None, like the next two: the row says nothing."""
    memo_prefix: str | None
    memo_limit: int | None


def parse_sites(table: Table) -> tuple[list[SiteRow], list[Rejected]]:
    """The file's rows."""
    return read_rows(table, _row)


def want_sites(rows: Sequence[SiteRow], known: Mapping[str, Site]) -> tuple[list[Wanted[Site]], list[Rejected]]:
    """The sites of the rows, joined with what is known.

    Rows that contradict others, and sites that take another site's account, are refused.
    """
    rejected: list[Rejected] = []
    by_site: dict[str, list[SiteRow]] = defaultdict(list)
    for row in rows:
        by_site[row.site_id].append(row)
    sites: dict[str, Wanted[Site]] = {}
    for site_id, its_rows in by_site.items():
        sound, contradictions = _without_contradictions(its_rows)
        rejected += contradictions
        site = _site(sound, known.get(site_id))
        if (refused := _memo_too_long(site, sound)) is not None:
            rejected += _whole_site(refused, sound)
        else:
            sites[site_id] = Wanted(site, len(sound))
    while taken := _taken_accounts(sites, known):
        # Without the refused sites others may be sound: look again.
        for site_id, number in taken:
            row = next((each for each in by_site[site_id] if each.account and each.account.account_number == number),
                       by_site[site_id][0])  # fmt: skip
            problem = "this account belongs to another site at that time; end it there first (valid_to)"
            rejected += _whole_site(Rejected(row.row, "account_number", problem), by_site[site_id])
            del sites[site_id]
    return list(sites.values()), rejected


def _whole_site(refused: Rejected, rows: Iterable[SiteRow]) -> list[Rejected]:
    """A refused row and with it the site's other rows: half a site would be stored otherwise."""
    others = (row.row for row in rows if row.row != refused.row)
    return [
        refused,
        *(Rejected(each, "site_id", f"another row of this site is refused (row {refused.row})") for each in others),
    ]


def _memo_too_long(site: Site, rows: Sequence[SiteRow]) -> Rejected | None:
    """The row by which an account's prefix leaves no room for a reference in its memo, if one does."""
    for account in site.accounts:
        room = account.memo_limit - MEMO_LEAST - len(" ")
        if not account.memo_prefix or len(account.memo_prefix) <= room:
            continue
        told = [row for row in rows if row.account and row.account.account_number == account.account_number]
        for column in ("memo_prefix", "memo_limit"):
            for row in told:
                if getattr(row, column) is not None:
                    fits = f"a memo of {account.memo_limit} characters holds a reference of {MEMO_LEAST}, a space"
                    allowed = f"and a prefix of at most {room}" if room > 0 else "and no prefix"
                    return Rejected(
                        row.row, column, f"{fits} {allowed}; {account.memo_prefix} has {len(account.memo_prefix)}"
                    )
    return None


def _row(cells: Cells) -> SiteRow:
    valid_from, valid_to = cells.optional_day("valid_from") or EARLIEST, cells.optional_day("valid_to")
    if valid_to is not None and valid_to < valid_from:
        raise CellError("valid_to", "ends before it starts")
    return SiteRow(
        row=cells.row,
        site_id=cells.id("site_id"),
        name=cells.text("name"),
        type=cells.choice("type", get_args(SiteType)),
        ownership=cells.choice("ownership", OWNERSHIPS, default="public"),
        unit_code=cells.id("unit_code"),
        account=_account(cells, valid_from, valid_to),
        valid_from=valid_from,
        phone=_phone(cells),
        memo_prefix=_memo_prefix(cells),
        memo_limit=_memo_limit(cells),
    )


def _phone(cells: Cells) -> str | None:
    text = cells.optional_text("phone", 30)
    if text is not None and not _PHONE.fullmatch(text):
        raise CellError("phone", "not a telephone number")
    return text


def _memo_prefix(cells: Cells) -> str | None:
    text = cells.optional_text("memo_prefix", 10)
    if text == NO_PREFIX:
        return ""
    if text is not None and not _PREFIX.fullmatch(text):
        raise CellError("memo_prefix", f"may hold letters and digits only, such as SEVQR; {NO_PREFIX} takes it away")
    return text


def _memo_limit(cells: Cells) -> int | None:
    limit = cells.optional_count("memo_limit")
    if limit is not None and not MEMO_LEAST <= limit <= MEMO_MOST:
        raise CellError("memo_limit", f"must lie between {MEMO_LEAST} and {MEMO_MOST}")
    return limit


def _account(cells: Cells, valid_from: date, valid_to: date | None) -> SiteAccount | None:
    """The row's account; None where its three cells are all empty (a site that only moved, or has no account yet)."""
    if not any(cells.optional_text(column) for column in ("bank_bin", "account_number", "account_name")):
        return None
    bank_bin = cells.text("bank_bin").replace(" ", "")
    if not _BIN.fullmatch(bank_bin):
        raise CellError("bank_bin", "a bank's BIN has six digits, such as 970436")
    number = (cells.optional_id("account_number") or "") and cells.text("account_number")
    if not _ACCOUNT.fullmatch(number):
        raise CellError("account_number", "an account number has 1 to 19 letters and digits, without spaces")
    return SiteAccount(
        bank_bin=bank_bin,
        account_number=number,
        account_name=cells.text("account_name", 100),
        valid_from=valid_from,
        valid_to=valid_to,
    )


def _without_contradictions(rows: Sequence[SiteRow]) -> tuple[list[SiteRow], list[Rejected]]:
    """One site's rows without those that say otherwise than an earlier row for the same first day."""
    told: dict[date, SiteRow] = {}
    sound: list[SiteRow] = []
    rejected: list[Rejected] = []
    for row in rows:
        first = told.setdefault(row.valid_from, row)
        column = next((name for name in _TOLD_ONCE if getattr(row, name) != getattr(first, name)), None)
        if column is None:
            sound.append(row)
        else:
            problem = f"says otherwise than row {first.row} for the same day; give it a valid_from"
            rejected.append(Rejected(row.row, column, problem))
    return sound, rejected


def _site(rows: Sequence[SiteRow], known: Site | None) -> Site:
    latest = max(rows, key=lambda row: row.valid_from)
    known_accounts = known.accounts if known else ()
    accounts = _with_memos(
        _accounts([row.account for row in rows if row.account is not None], known_accounts), rows, known_accounts
    )
    phones = [row.phone for row in sorted(rows, key=lambda row: row.valid_from) if row.phone is not None]
    return Site(
        version=UNVERSIONED,
        site_id=latest.site_id,
        name=latest.name,
        type=latest.type,
        ownership=latest.ownership,
        accounts=accounts,
        units=_units(rows, known.units if known else ()),
        settings=known.settings if known else SiteSettings(),
        sample=any(account.bank_bin == SAMPLE_BIN for account in accounts),
        phone=phones[-1] if phones else known.phone if known else None,
    )


def _with_memos(
    accounts: Iterable[SiteAccount], rows: Iterable[SiteRow], known: Iterable[SiteAccount]
) -> tuple[SiteAccount, ...]:
    """What each account's memo must be like: as the rows say, else as it was."""
    prefixes = {each.account_number: each.memo_prefix for each in known}
    limits = {each.account_number: each.memo_limit for each in known}
    for row in rows:
        if row.account is not None and row.memo_prefix is not None:
            prefixes[row.account.account_number] = row.memo_prefix
        if row.account is not None and row.memo_limit is not None:
            limits[row.account.account_number] = row.memo_limit
    return tuple(
        account.model_copy(
            update={
                "memo_prefix": prefixes.get(account.account_number, account.memo_prefix),
                "memo_limit": limits.get(account.account_number, account.memo_limit),
            }
        )
        for account in accounts
    )


def _accounts(told: Iterable[SiteAccount], known: Sequence[SiteAccount]) -> tuple[SiteAccount, ...]:
    """Every account once: known ones stay, told ones are as the newest row says, from the earliest day known for them."""
    by_number: dict[str, list[SiteAccount]] = defaultdict(list)
    for account in sorted(told, key=lambda account: account.valid_from):
        by_number[account.account_number].append(account)
    first_days = {account.account_number: account.valid_from for account in known}
    merged = {account.account_number: account for account in known}
    for number, rows in by_number.items():
        first_day = min(rows[0].valid_from, first_days.get(number, rows[0].valid_from))
        merged[number] = rows[-1].model_copy(update={"valid_from": first_day})
    return tuple(sorted(merged.values(), key=lambda account: (account.valid_from, account.account_number)))


def _units(rows: Iterable[SiteRow], known: Sequence[SiteUnit]) -> tuple[SiteUnit, ...]:
    """The site's history of units: each holds until the day before the next."""
    by_day = {unit.valid_from: unit.unit_code for unit in known} | {row.valid_from: row.unit_code for row in rows}
    moves: list[tuple[date, str]] = []
    for day in sorted(by_day):
        if not moves or moves[-1][1] != by_day[day]:
            moves.append((day, by_day[day]))
    ends = [day - timedelta(days=1) for day, _ in moves[1:]]
    return tuple(
        SiteUnit(unit_code=code, valid_from=day, valid_to=end) for (day, code), end in zip(moves, [*ends, None], strict=True)
    )


def _taken_accounts(sites: Mapping[str, Wanted[Site]], known: Mapping[str, Site]) -> list[tuple[str, str]]:
    """(site of the file, account number) where two sites hold one number on the same day; who held it before keeps it."""
    state = dict(known) | {site_id: each.entity for site_id, each in sites.items()}
    before = {(site_id, account.account_number) for site_id, site in known.items() for account in site.accounts}
    holders: dict[str, list[tuple[str, SiteAccount]]] = defaultdict(list)
    for site_id, site in state.items():
        for account in site.accounts:
            holders[account.account_number].append((site_id, account))
    taken: dict[str, str] = {}
    for number, held in holders.items():
        held.sort(key=lambda holder: (holder[0], number) not in before)
        for index, (site_id, account) in enumerate(held):
            if site_id in sites and any(_overlap(account, other) for _, other in held[:index]):
                taken.setdefault(site_id, number)
    return list(taken.items())


def _overlap(one: SiteAccount, other: SiteAccount) -> bool:
    first, second = sorted((one, other), key=lambda account: account.valid_from)
    return first.valid_to is None or first.valid_to >= second.valid_from
