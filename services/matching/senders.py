"""Telling sending accounts apart: in the clear for files, by keyed hashes where they are stored."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable
from typing import Final, NamedTuple

from services.matching.matcher.habits import memo_sender
from services.matching.matcher.reading import Reading
from services.matching.matcher.text import words_of

ACCOUNT_LENGTH_MIN: Final = 6
KEY_BYTES: Final = 16
SENDERS_MAX: Final = 2
"""A payment is remembered under no more than so many senders."""
_WALLETS: Final = re.compile(
    r"(?<![a-z])(?:momo|zalo ?pay|viettel ?(?:pay|money)|vtmoney|shopee ?pay|vn ?pay|vnpt ?money|air ?pay|moca)"
    r"|oqch|(?<![0-9])9710(?:05|11|25)(?![0-9])"
)
"""Their names, what MoMo begins its numbers with, and their codes among the banks' (Viettel Money, VNPT Money, MoMo)."""
_OF_WALLETS: Final = ("pay", "money", "momo", "moca", "oqch", "9710")
"""One of these is in each of them; most memos hold none, which is seen ten times as fast."""
_MASKED = re.compile(r"[*•]|[xX]{2}")


def sender_of(counter_account: str) -> str | None:
    """What tells this account from others; None where the bank does not say it, or shows only a part of it."""
    bare = counter_account if counter_account.isalnum() else "".join(sign for sign in counter_account if sign.isalnum())
    return None if len(bare) < ACCOUNT_LENGTH_MIN or _MASKED.search(counter_account) else bare.upper()


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
    is_wallet = _speaks_of_wallet(memo_and_bank.lower())
    name = "".join(words_of(counter_name)) if counter_name else ""
    holder = key(f"{counter_account}{name}") if name else None
    of_wallet = key(f"{counter_account}wallet") if is_wallet or not name else None
    if holder is not None:
        return Accounts((account, holder), (of_wallet, holder) if of_wallet is not None else (account,))
    if is_wallet or of_wallet is None:
        return Accounts((), (of_wallet,) if of_wallet is not None else ())
    return Accounts((account, of_wallet), (account,))


def _speaks_of_wallet(text: str) -> bool:
    for sign in _OF_WALLETS:
        if sign in text:
            return _WALLETS.search(text) is not None
    return False


def senders_of(reading: Reading) -> list[str]:
    """Under what a payment is remembered: its account, and a wallet's holder or the memo's own words."""
    accounts = reading.incoming.remembered_by
    own = reading.own_words if len(accounts) < SENDERS_MAX else None
    return [*accounts, memo_sender(own)] if own else list(accounts)


class Senders:
    """Keyed hashes of accounts and of memos' own words: the same for the same, and nothing to be read from them."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._words: dict[bytes, str] = {}

    def account(self, counter_account: str) -> str | None:
        """As hexadecimal; None where the account is not known."""
        sender = sender_of(counter_account)
        return None if sender is None else self._hash(b"account", sender).hex()

    def keys(self, reading: Reading) -> tuple[bytes | None, bytes | None]:
        """The same as `senders_of`, as it is stored: of the account, and of a wallet's holder or of the memo's own words."""
        account, holder = (*map(bytes.fromhex, reading.incoming.remembered_by), None, None)[:2]
        own = reading.own_words if holder is None else None
        return account, self.memo(own) if own else holder

    def memo(self, own_words: str) -> bytes:
        """Of a memo's own words."""
        key = self._hash(b"memo", own_words)
        self._words[key] = memo_sender(own_words)
        return key

    def words_of(self, memo_key: bytes) -> str:
        """The sender that the matcher knows these words by; only of memos read for the batch in hand."""
        return self._words.get(memo_key, "")

    def forget(self) -> None:
        """Forget the words of the batch."""
        self._words.clear()

    def _hash(self, kind: bytes, text: str) -> bytes:
        return hmac.digest(self._key, kind + b"\n" + text.encode(), hashlib.sha256)[:KEY_BYTES]
