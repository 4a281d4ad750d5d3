"""How payer codes are built, so that little of a memo has to be tried."""

from __future__ import annotations

from string import ascii_lowercase

from services.matching.matcher.keys import CODE_LENGTH_MAX, CODE_LENGTH_MIN


class Shapes:
    """Lengths, beginnings and ends of the codes of a site, or of all."""

    __slots__ = ("has_bare_numbers", "length_max", "lengths", "prefixes", "suffixes")

    def __init__(self) -> None:
        self.lengths: set[int] = set()
        self.length_max = 0
        self.prefixes: tuple[str, ...] = ()
        """The letters that codes begin with."""
        self.suffixes: set[str] = set()
        """The letters that some end in: "x" of "TH260603X"."""
        self.has_bare_numbers = False
        """Whether some begin with a digit."""

    def add(self, code: str) -> None:
        """Note a code's key."""
        self.lengths.add(len(code))
        self.length_max = max(self.length_max, len(code))
        if suffix := code[len(code.rstrip(ascii_lowercase)) :]:
            self.suffixes.add(suffix)
        prefix = code[: len(code) - len(code.lstrip(ascii_lowercase))]
        if not prefix:
            self.has_bare_numbers = True
        elif prefix not in self.prefixes:
            self.prefixes = (*self.prefixes, prefix)


def any_shape() -> Shapes:
    """For the service, which does not know a site's codes before it has looked them up."""
    shapes = Shapes()
    shapes.lengths, shapes.length_max = set(range(CODE_LENGTH_MIN, CODE_LENGTH_MAX + 1)), CODE_LENGTH_MAX
    shapes.suffixes = {first + second for first in ascii_lowercase for second in ("", *ascii_lowercase)}
    shapes.prefixes, shapes.has_bare_numbers = tuple(ascii_lowercase), True
    return shapes
