"""What cannot be shown, in a sentence for its reader."""

from __future__ import annotations


class Refusal(Exception):  # noqa: N818 - a refusal is no fault of the program
    """A page that cannot be shown; counted by kind."""

    def __init__(self, status: int, kind: str, sentence: str, back: str = "/") -> None:
        super().__init__(kind)
        self.status = status
        self.kind = kind
        self.sentence = sentence
        self.back = back
        """Where the reader goes on from."""
