"""The guides of docs/vi say what the pages say.

Every label in bold is on a page, every picture and link is there, and every word is Vietnamese with its marks.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

import services.portal
from services.portal import words
from services.portal.words import menu
from shared.syllables import is_syllable

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "docs" / "vi"
GUIDES = sorted(FOLDER.glob("*.md"))
NAMES = [guide.name for guide in GUIDES]
PORTAL = Path(services.portal.__file__).parent
PICTURE_BYTES_MAX = 160 * 1024
FOREIGN = {
    "camt", "chrome", "csv", "excel", "internet", "javascript", "json", "mt", "otp", "pdf", "qr", "xlsx", "đ",
}  # fmt: skip
"""Words that no Vietnamese word replaces."""


CODES = {"REASONS_OF", "BY_OWNER", "STATE_KINDS", "NOTES", "FILTERS"}
"""Constants of the string table that hold codes beside texts, or no text at all."""
FACT_TEXTS = tuple(told for _, told in words.evidence.FACTS.values())


def texts_of(value: object) -> Iterator[str]:
    """The texts of a constant of the string table."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from texts_of(each)
    elif isinstance(value, tuple):
        for each in value:
            yield from texts_of(each)


def labels() -> frozenset[str]:
    """Every text that a page shows, whole, and the pieces of it between its place-holders. What no page uses is left out."""
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for path in [*PORTAL.rglob("*.html"), *PORTAL.rglob("*.py")]
        if path.parent.name != "words"
    )
    found = set()
    modules = [words, menu, *(value for value in vars(words).values() if type(value) is type(words))]
    for module in modules:
        called = rf"\b(words|{module.__name__.rpartition('.')[2]})"
        for name, value in vars(module).items():
            if name.isupper() and name not in CODES and re.search(rf"{called}\.{name}\b", code):
                for text in texts_of(FACT_TEXTS if name == "FACTS" else value):
                    found.add(text)
                    found |= {piece.strip(" .,:;·()") for piece, *_ in string.Formatter().parse(text)}
    return frozenset(found) - {""}


LABELS = labels()


def read(name: str) -> str:
    """A guide in one line a paragraph: a label may be broken over two lines."""
    return re.sub(r"(?<!\n)\n[ \t]*(?!\n)", " ", (FOLDER / name).read_text(encoding="utf-8"))


def test_there_is_a_guide_for_each_of_the_four():
    assert set(NAMES) == {"README.md", "ke-toan.md", "mot-cua.md", "quan-tri.md", "thu-ngan.md"}


@pytest.mark.parametrize("name", NAMES)
def test_every_label_in_bold_is_on_a_page(name):
    quoted = re.findall(r"\*\*(.+?)\*\*", read(name))
    assert quoted
    assert [label for label in quoted if label not in LABELS] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_picture_and_every_link_is_there(name):
    for address in re.findall(r"\]\(([^)#]+)\)", read(name)):
        assert (FOLDER / address).exists(), address
    for address in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", read(name)):
        assert (FOLDER / address).stat().st_size <= PICTURE_BYTES_MAX, address


@pytest.mark.parametrize("name", NAMES)
def test_every_word_is_vietnamese_with_its_marks(name):
    text = (FOLDER / name).read_text(encoding="utf-8")
    assert unicodedata.is_normalized("NFC", text)
    prose = re.sub(r"`[^`]*`|\]\([^)]*\)", " ", text)
    strange = {word for word in re.findall(r"[^\W\d_]+", prose) if not is_syllable(word) and word.lower() not in FOREIGN}
    assert strange == set()


def test_every_word_of_the_pages_is_vietnamese_with_its_marks():
    foreign = FOREIGN | {"b", "khop", "import", "sites", "webhook", "sms", "zalo", "https", "qh", "iban"}
    foreign |= {"sepay", "casso", "payos", "vietqr", "vn"}
    text = " ".join(re.sub(r"\{[^}]*\}|[\w.]+\(\)|khop import \w+", " ", label) for label in LABELS)
    strange = {word for word in re.findall(r"[^\W\d_]+", text) if not is_syllable(word) and word.lower() not in foreign}
    assert strange == set()
