"""What cannot be shown or done, in a sentence for its reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.portal.people.roles import Offered


class Refusal(Exception):  # noqa: N818 - a refusal is no fault of the program
    """A page that cannot be shown; counted by kind."""

    def __init__(self, status: int, kind: str, sentence: str, back: str = "/") -> None:
        super().__init__(kind)
        self.status = status
        self.kind = kind
        self.sentence = sentence
        self.back = back
        """Where the reader goes on from."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A form that was sent when its session had ended."""

    path: str
    fields: tuple[tuple[str, str], ...]


class NotSignedIn(Exception):  # noqa: N818 - as above
    """Nobody is signed in, or the screen is locked."""

    def __init__(
        self,
        kept: Kept | None,
        sample_people: Sequence[Offered] = (),
        *,
        was_signed_in: bool = False,
        is_locked: bool = False,
    ) -> None:
        super().__init__("not signed in")
        self.kept = kept
        self.sample_people = sample_people
        self.was_signed_in = was_signed_in
        self.is_locked = is_locked
