"""Balances go on from the run before, also from one that was killed in the middle of a line."""

from __future__ import annotations

import asyncio

from deploy.demo.books import FILE, OPENING_DONG, Books
from tests.unit.deploy.demo.test_simulator import SITES, Counting, a_simulator


def test_a_movement_changes_the_balance_of_its_account_alone():
    books = Books()
    assert books.move("A", 5_000) == OPENING_DONG + 5_000
    assert books.move("A", -1_000) == OPENING_DONG + 4_000
    assert books.balance("B") == OPENING_DONG


def test_another_run_goes_on_from_the_last_balance(tmp_path):
    first = Books(tmp_path / FILE)
    for amount in (1, 2, 3):
        first.move("A", amount)
    second = Books(tmp_path / FILE)
    assert second.balance("A") == OPENING_DONG + 6
    assert (tmp_path / FILE).read_text().count("\n") == 1


def test_half_a_line_of_a_killed_run_is_passed_over(tmp_path):
    Books(tmp_path / FILE).move("A", 7)
    with (tmp_path / FILE).open("a") as file:
        file.write('["A", 99')
    assert Books(tmp_path / FILE).balance("A") == OPENING_DONG + 7


class Balances(Counting):
    """Keeps what banks say stands on each account, in the order in which they say it."""

    def __init__(self) -> None:
        super().__init__()
        self.told: dict[str, list[tuple[int, int]]] = {}

    def _take(self, request) -> None:
        super()._take(request)
        if request.url.path.startswith("/webhooks/sepay"):
            body = request.read()
            document = __import__("json").loads(body)
            moved = document["transferAmount"] * (1 if document["transferType"] == "in" else -1)
            self.told.setdefault(document["accountNumber"], []).append((document["accumulated"], moved))


async def test_the_second_run_of_a_demonstration_has_no_break_in_its_balances(tmp_path):
    installation = Balances()
    for seed in (1, 2):
        simulator = a_simulator(installation, seed=seed, books=Books(tmp_path / FILE))
        await simulator.run(400, 0.3, asyncio.Event())
        await simulator.close()
    chains = {account: sorted(told) for account, told in installation.told.items()}
    assert {site.account for site in SITES} & chains.keys()
    for told in chains.values():
        # Each movement starts from a balance that another one, or the opening, left behind.
        left = {balance for balance, _ in told} | {OPENING_DONG}
        assert all(balance - moved in left for balance, moved in told)
        assert sum(moved for _, moved in set(told)) + OPENING_DONG in {balance for balance, _ in told}
