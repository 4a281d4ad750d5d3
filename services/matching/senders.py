"""Senders as they are stored: keyed hashes of accounts and of memos' own words."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

from services.matching.matcher.accounts import sender_of
from services.matching.matcher.habits import memo_sender
from services.matching.matcher.reading import Reading

KEY_BYTES: Final = 16


class Senders:
    """The same hash for the same sender, and nothing to be read from it."""

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
