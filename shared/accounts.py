"""Bank account numbers in the one form in which all services compare them."""

from __future__ import annotations

import re
from functools import lru_cache

_DECORATION = re.compile(r"[\s.\-\u2010-\u2015\u200b\ufeff]+")
_ACCOUNT = re.compile(r"[0-9A-Z]{1,40}")


class AccountError(ValueError):
    """A text that cannot be a bank account number."""


@lru_cache(maxsize=8_192)  # the same few thousand accounts come again and again
def normal_account(text: str) -> str:
    """An account number in its one form: without spaces, dots and dashes, letters in capitals.

    "0123 499-999" and "0123.499.999" are 0123499999. Leading zeros belong to the number and stay. Anything else than
    ASCII letters and digits is refused, never dropped: two different accounts must not become one. Raises AccountError.
    """
    bare = _DECORATION.sub("", text).upper()
    if not _ACCOUNT.fullmatch(bare):
        raise AccountError("must be 1 to 40 letters and digits; spaces, dots and dashes between them do not count")
    return bare
