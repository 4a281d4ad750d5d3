"""Other codes for a reference beside ours, for docs/adr/0005-reference-code.md: `python -m bench.codes [--words N] [--seed S]`.

What matters is how many words of a code explain a damaged text by one slip or one swap of neighbours: one, and the text repairs
itself; several, and a list of open bills has to choose.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from shared.reference.code import ALPHABET, FIELD

DIGITS = "0123456789"
PRETIX = "ABCDEFGHJKLMNPQRSTUVWXYZ3789"
"""pretix's alphabet of order codes: one symbol of each class of look-alikes, no check."""

# The table of order 10 in H. M. Damm's thesis (2004), as everyone uses it.
DAMM = (
    "0317598642", "7092154863", "4206871359", "1750983426", "6123045978", "3674209581", "5869720134", "8945362017",
    "9438617205", "2581436790",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Code:
    """A way of writing references: which texts are words, and how one is drawn."""

    name: str
    symbols: str
    """What each place may hold; a damaged place may hold any of them."""
    is_word: Callable[[str], bool]
    draw: Callable[[random.Random], str]


def _random_text(rng: random.Random, symbols: str, length: int) -> str:
    return "".join(rng.choices(symbols, k=length))


def _mod_97(text: str) -> int:
    """ISO 7064 MOD 97-10 over letters as two digits (A = 10), as ISO 11649 and IBAN use it."""
    return int("".join(str(int(letter, 36)) for letter in text)) % 97


def _draw_mod_97(rng: random.Random) -> str:
    data = _random_text(rng, ALPHABET, 7)
    return data + f"{98 - _mod_97(data + '00'):02}"


def _damm(text: str) -> str:
    interim = "0"
    for digit in text:
        interim = DAMM[int(interim)][int(digit)]
    return interim


def _draw_damm(rng: random.Random) -> str:
    data = _random_text(rng, DIGITS, 8)
    return data + _damm(data)


def _syndromes(text: str, checks: int) -> list[int]:
    sums: list[int] = []
    for power in range(1, checks + 1):
        total = 0
        for letter in text:
            total = (total * pow(2, power, FIELD) + ALPHABET.index(letter)) % FIELD
        sums.append(total)
    return sums


def _reed_solomon(checks: int) -> Code:
    """Nine symbols over GF(29) with this many checks; the word is completed by trial, one check at a time, as it is a bench."""

    def is_word(text: str) -> bool:
        return not any(_syndromes(text, checks))

    def draw(rng: random.Random) -> str:
        data = [rng.randrange(FIELD) for _ in range(9 - checks)]
        generator = [1]
        for power in range(1, checks + 1):
            root = pow(2, power, FIELD)
            generator = [(high - root * low) % FIELD for high, low in zip([*generator, 0], [0, *generator], strict=True)]
        rest = [*data, *[0] * checks]
        for start in range(len(data)):
            lead = rest[start]
            for offset, factor in enumerate(generator):
                rest[start + offset] = (rest[start + offset] - lead * factor) % FIELD
        return "".join(ALPHABET[value] for value in [*data, *(-value % FIELD for value in rest[len(data) :])])

    return Code(f"Reed-Solomon, {9 - checks} + {checks}", ALPHABET, is_word, draw)


CODES = (
    Code("pretix alphabet, no check", PRETIX, lambda _: True, lambda rng: _random_text(rng, PRETIX, 9)),
    Code("Damm, 8 digits + 1", DIGITS, lambda text: _damm(text) == "0", _draw_damm),
    Code("ISO 7064 MOD 97-10, 7 + 2", ALPHABET, lambda text: _mod_97(text) == 1, _draw_mod_97),
    _reed_solomon(2),
    _reed_solomon(3),
)


def near(code: Code, text: str) -> Iterator[str]:
    """Every text that one slip or one swap of neighbours makes of this one, each once."""
    for place, letter in enumerate(text):
        for symbol in code.symbols:
            if symbol != letter:
                yield text[:place] + symbol + text[place + 1 :]
    for place, (left, right) in enumerate(pairwise(text)):
        if left != right:
            yield text[:place] + right + left + text[place + 2 :]


def slip(rng: random.Random, code: Code, text: str) -> str:
    place = rng.randrange(len(text))
    return text[:place] + rng.choice(code.symbols.replace(text[place], "")) + text[place + 1 :]


def swap(rng: random.Random, text: str) -> str:
    place = rng.choice([place for place, (left, right) in enumerate(pairwise(text)) if left != right])
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def measure(code: Code, rng: random.Random, words: int) -> None:
    """Print one row for the code."""
    drawn = [code.draw(rng) for _ in range(words)]
    drawn = [word for word in drawn if len(set(word)) > 1 and code.is_word(word)]
    cells: list[str] = []
    damages: tuple[Callable[[str], str], ...] = (lambda word: slip(rng, code, word), lambda word: swap(rng, word))
    for damage in damages:
        damaged = [(word, damage(word)) for word in drawn]
        unnoticed = sum(code.is_word(text) for _, text in damaged)
        explained = [sum(map(code.is_word, near(code, text))) for _, text in damaged]
        only = sum(count == 1 for count in explained)
        cells.append(f"{1 - unnoticed / len(drawn):>8.2%} {sum(explained) / len(drawn):>7.2f} {only / len(drawn):>8.2%}")
    texts = [_random_text(rng, code.symbols, 9) for _ in range(words * 20)]
    by_chance = sum(map(code.is_word, texts)) / len(texts)
    print(f"{code.name:28} {cells[0]}   {cells[1]}   {by_chance:>9.4%}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--words", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=5)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    print(
        "nine symbols each; of texts damaged once: noticed, words that explain it (mean), repairs itself (exactly one word)"
    )
    print(f"{'':28} {'a slip':^25}   {'a swap':^25}   any text is a word")
    for code in CODES:
        measure(code, rng, options.words)


if __name__ == "__main__":
    main()
