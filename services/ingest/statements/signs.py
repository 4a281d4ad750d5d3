"""Which way amounts without a sign went, where no column says so: the balances tell. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from services.ingest.statements.model import Fault, Line, StatementError


def directed(
    lines: Sequence[Line], opening: int | None, closing: int | None, *, carried: tuple[int | None, int | None] = (None, None)
) -> list[Line]:
    """The lines, each in or out as the balance went from the row before it, and the first from the opening balance.

    `carried` are the balances that rows of 0 above the first and below the last of them carry. Raises StatementError rather
    than to guess.
    """
    orders = [
        (order, opening if opening is not None else start)
        for order, start in zip((list(lines), list(lines)[::-1]), carried, strict=True)
    ]
    after = [line.balance_after for line in lines]
    if all(balance is None for balance in after) and opening is not None and closing is not None:
        moved = sum(line.amount for line in lines)
        if abs(closing - opening) == moved:
            return [_gone(line, closing - opening) for line in lines]
    elif None not in after:
        followed = [_followed(order, start) for order, start in orders if start is not None]
        for each in followed:
            if all(line.amount == abs(moved) for line, moved in each):
                return [_gone(line, moved) for line, moved in each]
        if followed:
            # Some balance does not follow, whichever way its amount went; that is found where all balances are checked.
            return [_gone(line, moved) for line, moved in followed[0]]
    problem = (
        "whether money came in or went out is not told: the amounts have no sign, and the balances do not say it; "
        "give the opening balance, or export with debit and credit apart"
    )
    raise StatementError(Fault(lines[0].row, "amount", problem))


def _followed(lines: Sequence[Line], opening: int) -> list[tuple[Line, int]]:
    """Each line with what it did to the balance."""
    balances = [opening, *(line.balance_after or 0 for line in lines)]
    return [(line, after - before) for line, before, after in zip(lines, balances, balances[1:], strict=False)]


def _gone(line: Line, moved: int) -> Line:
    return replace(line, direction="in" if moved > 0 else "out")
