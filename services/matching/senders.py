"""Telling sending accounts apart: in the clear for files, by keyed hashes where they are stored."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Final

from services.matching.matcher.habits import memo_sender
from services.matching.matcher.reading import Reading
from services.matching.matcher.text import words_of
from services.matching.matcher.values import Incoming
from services.matching.matcher.vocabulary import WALLETS

ACCOUNT_LENGTH_MIN: Final = 6
KEY_BYTES: Final = 16
_WALLETS: Final = re.compile("|".join(sorted(WALLETS)), re.IGNORECASE)
_MASKED = re.compile(r"[*•]|[xX]{2}")


def sender_of(counter_account: str) -> str | None:
    """What tells this account from others; None where the bank does not say it, or shows only a part of it."""
    bare = counter_account if counter_account.isalnum() else "".join(sign for sign in counter_account if sign.isalnum())
    return None if len(bare) < ACCOUNT_LENGTH_MIN or _MASKED.search(counter_account) else bare.upper()


def holder_of(counter_account: str, counter_name: str, memo: str) -> str | None:
    """An account and its holder's name, where the memo speaks of a wallet ("… chuyen tien qua MoMo"): the wallet's account may be many
    people's. None where it speaks of none, or the bank names nobody.
    """
    if _WALLETS.search(memo) is None:
        return None
    name = "".join(words_of(counter_name))
    return f"{counter_account}{name}" if name else None


def account_taught(incoming: Incoming) -> str | None:
    """Under which account a payment is remembered: in a wallet's memo only together with a name."""
    return incoming.sender_with_name if _WALLETS.search(incoming.memo) else incoming.sender


def senders_of(reading: Reading) -> list[str]:
    """Under what a payment is remembered: its account, and the memo's own words."""
    own, account = reading.own_words, account_taught(reading.incoming)
    return [*([account] if account else []), *([memo_sender(own)] if own else [])]


class Senders:
    """Keyed hashes of accounts and of memos' own words: the same for the same, and nothing to be read from them."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._words: dict[bytes, str] = {}

    def account(self, counter_account: str) -> str | None:
        """As hexadecimal; None where the account is not known."""
        sender = sender_of(counter_account)
        return None if sender is None else self._hash(b"account", sender).hex()

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
