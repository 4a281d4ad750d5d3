"""Who pays what, when and how: the decisions of payers in front of a slip. Pure; chance comes in as an argument."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from deploy.demo.truth import Kind
from shared.reference import find_references
from shared.reference.code import ALPHABET
from shared.vietnamese import strip_diacritics


@dataclass(frozen=True, slots=True)
class OpenNotice:
    """A notice as the payer's slip lists it."""

    notice_id: str
    amount: int
    fee_kind: str


@dataclass(frozen=True, slots=True)
class Bill:
    """A slip: one reference, one amount, the fees under it."""

    reference: str
    site_id: str
    account: str
    payer_name: str
    group: str
    notices: tuple[OpenNotice, ...]

    @property
    def amount(self) -> int:
        return sum(notice.amount for notice in self.notices)


@dataclass(frozen=True, slots=True)
class Intent:
    """One act of paying."""

    kind: Kind
    amount: int
    memo: str | None
    """What the payer typed or the QR carried; None where the field was left empty. Cash has none."""
    after_s: float = 0.0
    """How long after the first act of this payer."""
    notice_id: str | None = None


BEHAVIOURS = (
    (Kind.EXACT, 74),
    (Kind.CASH, 9),
    (Kind.PARTIAL, 4),
    (Kind.OVER, 2),
    (Kind.DUPLICATE, 3),
    (Kind.MISTYPED, 3),
    (Kind.UNREFERENCED, 5),
)
"""Of 100 slips. A slip paid in cash gives a receipt for each of its notices, so about a quarter of all credits are cash."""


def decide(bill: Bill, rng: Random) -> list[Intent]:
    """What a payer does with a slip."""
    kind = rng.choices([each[0] for each in BEHAVIOURS], [each[1] for each in BEHAVIOURS])[0]
    amount = bill.amount
    if kind is Kind.CASH:
        return [
            Intent(kind, notice.amount, None, after_s=0.2 * place, notice_id=notice.notice_id)
            for place, notice in enumerate(bill.notices)
        ]
    if kind is Kind.PARTIAL and amount >= 2_000:
        first = max(1_000, amount * rng.randint(3, 7) // 10 // 1_000 * 1_000)
        part = Kind.PARTIAL if len(bill.notices) == 1 else Kind.SHORT
        intents = [Intent(part, first, qr_memo(bill, rng))]
        if rng.random() < 0.5:
            intents.append(Intent(part, amount - first, qr_memo(bill, rng), after_s=rng.uniform(1, 20)))
        return intents
    if kind is Kind.OVER:
        over = -amount % 50_000 or 50_000  # rounded up to a handy sum
        return [Intent(kind, amount + over, qr_memo(bill, rng))]
    if kind is Kind.DUPLICATE:  # father and mother both pay
        second = Intent(kind, amount, qr_memo(bill, rng), after_s=rng.uniform(0.5, 30))
        return [Intent(Kind.EXACT, amount, qr_memo(bill, rng)), second]
    if kind is Kind.MISTYPED:
        memo: str | None = mistyped_memo(bill, rng)
    elif kind is Kind.UNREFERENCED:
        memo = free_text(bill, rng)
    else:
        kind, memo = Kind.EXACT, qr_memo(bill, rng)
    return [Intent(kind, amount, memo)]


def qr_memo(bill: Bill, rng: Random) -> str:
    """The memo that the QR carried: the reference first; some payers add words, some applications change its case."""
    memo = bill.reference if rng.random() < 0.7 else f"{bill.reference} {a_purpose(bill, rng)}"
    return memo.lower() if rng.random() < 0.05 else memo


def mistyped_memo(bill: Bill, rng: Random) -> str:
    """A damaged reference with a few words behind it, which do not happen to mend it ("…M BO ME" reads as "…M8O")."""
    while True:
        memo = f"{mistype(bill.reference, rng)} {a_purpose(bill, rng)}"
        if not any(found.exact for found in find_references(memo)):
            return memo


def mistype(reference: str, rng: Random) -> str:
    """A reference with one slip that leaves at least one symbol wrong: another symbol, two swapped, or the last lost."""
    symbols = list(reference)
    slip = rng.randrange(3)
    place = rng.randrange(2, len(symbols) - 1)
    if slip == 0 and symbols[place] != symbols[place + 1]:
        symbols[place], symbols[place + 1] = symbols[place + 1], symbols[place]
    elif slip == 1:
        symbols.pop()
    else:
        symbols[place] = rng.choice([symbol for symbol in ALPHABET if symbol != symbols[place]])
    return "".join(symbols)


def a_purpose(bill: Bill, rng: Random) -> str:
    """A few words on what is paid, as people add them behind a reference."""
    given = strip_diacritics(bill.payer_name.rpartition(" ")[2]).upper()
    return rng.choice((f"NOP TIEN {given}", "TIEN AN", f"{given} {bill.group}".strip(), "NOP TIEN T11", "BO ME CHUYEN"))


def free_text(bill: Bill, rng: Random) -> str | None:
    """A memo without any reference: the pupil and the class at best, nothing at worst."""
    name = strip_diacritics(bill.payer_name)
    given = name.rpartition(" ")[2]
    group = strip_diacritics(bill.group)
    return rng.choice(
        (
            f"{name} {group} nop tien an".replace("  ", " "),
            f"{name.upper()} LOP {group}".removesuffix(" LOP "),
            f"me {given} {group} nop tien".replace("  ", " "),
            "nop tien cho con",
            None,
        )
    )
