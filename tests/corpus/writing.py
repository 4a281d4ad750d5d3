"""How people write: names, classes, purposes and months, in every way that a phone's keyboard allows."""

from __future__ import annotations

import unicodedata
from random import Random

_TELEX = {
    "̀": "f",
    "́": "s",
    "̉": "r",
    "̃": "x",
    "̣": "j",
}
_TELEX_LETTERS = {"â": "aa", "ê": "ee", "ô": "oo", "ă": "aw", "ơ": "ow", "ư": "uw", "đ": "dd"}
_NEAR = {
    "a": "sqz",
    "b": "vn",
    "c": "xv",
    "d": "sf",
    "e": "wr",
    "g": "fh",
    "h": "gj",
    "i": "uo",
    "k": "jl",
    "l": "ko",
    "m": "n",
    "n": "bm",
    "o": "ip",
    "p": "ol",
    "q": "wa",
    "r": "et",
    "s": "ad",
    "t": "ry",
    "u": "yi",
    "v": "cb",
    "x": "zc",
    "y": "tu",
}

MEANINGS = {
    "meals": (
        "tien an",
        "tien an ban tru",
        "an ban tru",
        "ban tru",
        "tien an trua",
        "tiền ăn",
        "tien com",
        "TA",
        "tien an bt",
        "an trua",
    ),
    "boarding_service": ("cham soc ban tru", "dich vu ban tru", "tien ban tru", "phi ban tru", "quan ly ban tru"),
    "drinking_water": ("tien nuoc", "nuoc uong", "tiền nước", "tien nuoc uong"),
    "cleaning": ("ve sinh", "tien ve sinh", "phi ve sinh"),
    "health_insurance": ("bhyt", "bao hiem y te", "bảo hiểm", "tien bhyt", "BH y te", "bao hiem"),
    "uniform": ("dong phuc", "tien dong phuc", "quan ao dong phuc", "đồng phục"),
    "parents_fund": ("quy phu huynh", "quy lop", "hoi phi phu huynh", "quy ph"),
    "tuition": ("hp", "hoc phi", "học phí", "tien hoc phi", "dong hoc"),
    "english": ("tieng anh", "tien hoc tieng anh", "ky nang song"),
    "health": ("vien phi", "tien kham", "kham benh", "tam ung", "tt vien phi"),
    "office": ("le phi", "nop le phi", "phi ho so", "lp ho so"),
}
ANYTHING = (
    "hp", "hoc phi", "tien hoc", "dong tien", "nop tien", "nop tien truong", "dong tien hoc", "tien truong", "thu tien", "",
)  # fmt: skip
"""In public schools these mean "school money", whatever it is for."""


def plain(text: str) -> str:
    """Without diacritics."""
    decomposed = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def telex(text: str) -> str:
    """As it stands when the keyboard's Vietnamese mode was off."""
    words = []
    for word in text.split():
        letters, tone = "", ""
        for letter in unicodedata.normalize("NFC", word):
            parts = unicodedata.normalize("NFD", letter)
            tone += "".join(_TELEX.get(mark, "") for mark in parts[1:])
            base = unicodedata.normalize("NFC", "".join(mark for mark in parts if mark not in _TELEX)).lower()
            letters += _TELEX_LETTERS.get(base, base)
        words.append(letters + tone)
    return " ".join(words)


def styled(rng: Random, text: str) -> str:
    """One way of typing: with marks, without, capitals, small letters."""
    chance = rng.random()
    if chance < 0.18:
        return text
    if chance < 0.22:
        return unicodedata.normalize("NFD", text)
    bare = plain(text)
    if chance < 0.52:
        return bare
    if chance < 0.76:
        return bare.upper()
    return bare.lower()


def slipped(rng: Random, word: str) -> str:
    """One slip of the finger: a neighbour key, a letter lost, doubled, or two swapped."""
    place = rng.randrange(1, len(word)) if len(word) > 1 else 0
    letter = word[place].lower()
    act = rng.randrange(4)
    if act == 0:
        return word[:place] + rng.choice(_NEAR.get(letter, "x")) + word[place + 1 :]
    if act == 1 and len(word) > 3:
        return word[:place] + word[place + 1 :]
    if act == 2 and place + 1 < len(word):
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    return word[:place] + word[place] + word[place:]


def shortened(rng: Random, name: str) -> str:
    """Middle names as letters, sometimes the family name too: "Nguyễn V An", "N.V. An", "Ng Thị Hoa", "Ng.T.Hoa"."""
    if " " not in name:
        return name
    first, *middles, given = name.split()
    middle = rng.choice((" ".join(each[0] for each in middles), ".".join(each[0] for each in middles) + "."))
    start = rng.choice((first, first, first, first[:2], first[0]))
    if not middles:
        return f"{first[0]} {given}"
    if start != first and rng.random() < 0.3:
        middle = " ".join(middles)
    return (
        f"{start} {middle} {given}"
        if start == first
        else rng.choice((f"{start} {middle} {given}", f"{start}.{middle} {given}"))
    )


def turned(rng: Random, name: str) -> str:
    """A whole name with the given name first or the family name last, as some banks' forms ask for it."""
    words = name.split()
    return " ".join(rng.choice(((words[-1], *words[:-1]), (words[-1], *words[:-1]), (*words[1:], words[0]))))


def without_middle(name: str) -> str:
    words = name.split()
    return f"{words[0]} {words[-1]}"


def group(rng: Random, name: str) -> str:
    """A class as people write it."""
    bare = name.removeprefix("Lớp ").strip()
    if not bare[0].isdigit():
        small = plain(bare)
        return rng.choice((bare, small, small.lower(), f"lop {small}", f"lớp {bare}", small.replace(" ", "")))
    if "tu" in plain(bare):
        age, letter = bare[0], bare[-1]
        return rng.choice((bare, plain(bare), f"lop {age} tuoi {letter}", f"{age}t{letter}", f"{age} tuoi {letter.lower()}"))
    separated = bare.replace("/", rng.choice("/.-"))
    forms = [
        separated,
        separated.lower(),
        f"lop {separated}",
        f"lớp {bare}",
        f"LOP {bare}",
        f"L{bare}",
        f"lop{separated}",
        f"hs lop {bare}",
    ]
    if bare[-1].isalpha():
        forms += [f"{bare[:-1]} {bare[-1]}", f"lop {bare[:-1]}.{bare[-1]}", f"{bare[:-1]}-{bare[-1]}".lower()]
    return rng.choice(forms)


def month(rng: Random, number: int) -> str:
    return rng.choice(
        (
            f"t{number}",
            f"T{number}",
            f"thang {number}",
            f"tháng {number}",
            f"th {number}",
            f"t.{number}",
            f"thang {number:02d}",
            f"T{number}/2026",
            f"{number}/2026",
            f"thang {number} nam 2026",
            f"t{number}.26",
            f"Thg {number}",
        )
    )


def purpose(rng: Random, kind: str, *, named: bool = False) -> str:
    """What for; with `named` in words that tell this fee from others."""
    if not named and rng.random() < 0.3:
        return rng.choice(ANYTHING)
    return rng.choice(MEANINGS[kind])


_BEFORE = (
    "", "", "", "cho con ", "cho chau ", "con ", "chau ", "hs ", "HS ", "em ", "be ", "bé ", "hoc sinh ", "ph em ",
    "phu huynh chau ", "me be ", "bo chau ", "nop cho ", "dong cho chau ", "gia dinh em ", "ba ngoai nop cho ",
    "ông nội cháu ", "nop ho chau ", "ho ten: ", "Họ tên ", "hoc sinh: ", "PHHS ", "con be ",
)  # fmt: skip
_AFTER = (
    "", "", "", "", " a", " ck", " chuyen khoan", " nop tien", " cam on", " em cam on co", " nho truong xac nhan",
    " da chuyen", " nhe", " xin cam on", " gui truong", " thank", " tai truong", " qua app", " (nho co)",
    " truong tieu hoc Tan An", " truong mam non Hoa Mai", " THCS",
)  # fmt: skip
_JOINTS = (" ", " ", " ", " ", " - ", ", ", "-", "_", ".", "  ", "; ", "/")


def sentence(rng: Random, *parts: str, leading: str | None = None) -> str:
    """The parts joined as someone in a hurry joins them."""
    joint = rng.choice(_JOINTS)
    body = joint.join(part for part in parts if part)
    return f"{rng.choice(_BEFORE) if leading is None else leading}{body}{rng.choice(_AFTER)}".strip()


_MARKS_OF_SENDERS = ("me", "bo", "ong", "ba", "chi", "chu")


def with_sender(rng: Random, text: str, sender: str) -> str:
    """A payer who names herself too."""
    own = plain(sender) if rng.random() < 0.7 else sender
    return rng.choice(
        (f"{own} {text}", f"{own} ck {text}", f"{rng.choice(_MARKS_OF_SENDERS)} {own} nop {text}", f"{text} {own}")
    )


def mistyped_reference(rng: Random, reference: str) -> str:
    """A reference with one wrong symbol, two swapped, or the last one lost."""
    symbols = list(reference)
    place = rng.randrange(2, len(symbols) - 1)
    act = rng.randrange(3)
    if act == 0:
        symbols[place] = rng.choice([each for each in "0123456789ABCDEFGHKLMNPQRSTUVXYZ" if each != symbols[place]])
    elif act == 1 and symbols[place] != symbols[place + 1]:
        symbols[place], symbols[place + 1] = symbols[place + 1], symbols[place]
    else:
        symbols.pop()
    return "".join(symbols)


def rough_reference(rng: Random, reference: str) -> str:
    """The right symbols in a spelling that exact comparison misses."""
    act = rng.randrange(5)
    if act == 0:
        return reference.lower()
    if act == 1:
        place = rng.randrange(2, len(reference) - 1)
        return f"{reference[:place]}{rng.choice(' -._/')}{reference[place:]}"
    if act == 2:
        return f"{reference[:2]} {reference[2:5]} {reference[5:8]} {reference[8:]}"
    if act == 3:
        return reference.replace("0", "O").replace("1", rng.choice("IL"))
    return f"{reference[:2].lower()}-{reference[2:]}"


def rough_code(rng: Random, code: str) -> str:
    """A payer code as it survives typing and banks."""
    squeezed = "".join(each for each in code if each.isalnum())
    return rng.choice(
        (
            code,
            code,
            squeezed,
            code.lower(),
            squeezed.lower(),
            code.replace("-", " ").replace(".", " "),
            code.replace("-", ""),
        )
    )
