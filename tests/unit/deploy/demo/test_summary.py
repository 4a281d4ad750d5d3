"""The summary's line is a promise of INTERFACES §1."""

from io import StringIO

import pytest
from rich.console import Console

from deploy.demo.summary import block, line

TOTALS = {
    "received": 120, "matched": 97, "review": 9, "ignored": 3, "received_dong": 41_250_000, "allocated_dong": 40_000_000,
    "suspense_dong": 1_250_000, "cashless_share": 0.7372,
}  # fmt: skip


@pytest.mark.parametrize(("share", "shown"), [(0.7372, "0.74"), (1, "1.00"), (0, "0.00"), (None, "-")])
def test_the_line_is_as_promised(share: float | None, shown: str) -> None:
    assert line({**TOTALS, "cashless_share": share}) == f"received=120 matched=97 review=9 cashless={shown}"


@pytest.mark.parametrize("share", [0.7372, None])
def test_the_block_shows_the_address_and_the_sums(share: float | None) -> None:
    console = Console(file=StringIO(), width=100)
    console.print(block({**TOTALS, "cashless_share": share}, "http://127.0.0.1:8080"))
    text = console.file.getvalue()
    assert "http://127.0.0.1:8080" in text
    assert "41.250.000 đ" in text
    assert ("74%" in text) == (share is not None)
