"""The reference of a bill (mã thanh toán): "KH" and nine symbols that survive the trip through a bank.

`code` makes references and repairs their symbols, `letters` reduces a memo to those symbols, `finder` joins the two.
Why this code, and every figure: docs/adr/0005-reference-code.md.
"""

from __future__ import annotations

from shared.reference.code import DATA_COUNT, is_reference, new_reference, random_reference
from shared.reference.finder import FoundReference, begun_references, find_references, normalize

__all__ = [
    "DATA_COUNT",
    "FoundReference",
    "begun_references",
    "find_references",
    "is_reference",
    "new_reference",
    "normalize",
    "random_reference",
]
