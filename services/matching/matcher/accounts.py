"""Which account a movement came from: under what it is known, and under what a payment is remembered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from services.matching.matcher.habits import memo_sender
from services.matching.matcher.reading import Reading
from services.matching.matcher.text import words_of
from services.matching.matcher.wallets import speaks_of_wallet

ACCOUNT_LENGTH_MIN: Final = 6
SENDERS_MAX: Final = 2
"""A payment is remembered under no more than so many senders."""
_MASKS: Final = ("*", "•", "XX")


def sender_of(counter_account: str) -> str | None:
    """What tells this account from others; None where the bank does not say it, or shows only a part of it."""
    shown = counter_account.upper()
    for mask in _MASKS:
        if mask in shown:
            return None
    bare = shown if shown.isalnum() else "".join([sign for sign in shown if sign.isalnum()])
    return bare if len(bare) >= ACCOUNT_LENGTH_MIN else None


class Accounts(NamedTuple):
    """Under what a movement's account is known, and under what a payment from it is remembered.

    A wallet's account ("… chuyen tien qua MoMo") may be its holder's own or that of all who use the wallet. So what was paid through a
    wallet counts only under the same name, or where the bank names nobody and no wallet is spoken of.
    """

    known: tuple[str, ...] = ()
    remembered: tuple[str, ...] = ()


def accounts_of(counter_account: str, counter_name: str, memo_and_bank: str, key: Callable[[str], str | None]) -> Accounts:
    """The account as `key` tells it from others."""
    account = key(counter_account)
    if account is None:
        return Accounts()
    is_wallet = speaks_of_wallet(memo_and_bank)
    name = "".join(words_of(counter_name)) if counter_name else ""
    holder = key(f"{counter_account}{name}") if name else None
    of_wallet = key(f"{counter_account}wallet") if is_wallet or not name else None
    if holder is not None:
        return Accounts((account, holder), (of_wallet, holder) if of_wallet is not None else (account,))
    if is_wallet or of_wallet is None:
        return Accounts((), (of_wallet,) if of_wallet is not None else ())
    return Accounts((account, of_wallet), (account,))


def senders_of(reading: Reading) -> list[str]:
    """Under what a payment is remembered: its account, and a wallet's holder or the memo's own words."""
    accounts = reading.incoming.remembered_by
    own = reading.own_words if len(accounts) < SENDERS_MAX else None
    return [*accounts, memo_sender(own)] if own else list(accounts)
