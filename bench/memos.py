"""Made-up transfer memos of the shapes that banks and wallets really deliver (../shared/facts/memos.md), from a seed.

`text` is what the payer typed or the QR carried: an ordinary sentence, or one that holds a reference. The wrapper around it is
the bank's; one in ten loses the text or is no payment at all. Words that begin with KH ("chuyen khoan", Khánh, "ma KH") are more
frequent here than in life, because they are what could be taken for a reference.
"""

from __future__ import annotations

import random
from collections.abc import Callable

_SURNAMES = (
    "NGUYEN TRAN LE PHAM HOANG HUYNH PHAN VU VO DANG BUI DO HO NGO DUONG LY VI CHU NONG LUC GIAP THAN HUA KHONG".split()
)
_MIDDLES = "VAN THI HUU DUC MINH NGOC THANH QUOC DINH XUAN KIM KHANH DIEU BAO GIA HONG THU".split()
_GIVEN = (
    "AN ANH BINH CHI CUONG DUNG DUYEN GIANG HA HAI HAN HANH HIEU HOA HUNG HUONG KHANG KHANH KHOA KHOI KHUE KHUYEN KIEN LAN"
    " LINH LONG MAI MINH NAM NGA NHUNG PHUC PHUONG QUAN QUYNH SON TAM THAO THINH TRANG TU TUAN UYEN VIET VINH YEN"
).split()
_PLACES = "AN CHAU, TAY YEN TU, VAN SON, TUAN DAO, DAI SON, YEN DINH, DUONG HUU, LE VIEN, KHE RO, BIEN DONG".split(", ")
_BANKS = ("ACB", "BIDV", "MB", "TPBANK", "VCB", "Vietcombank", "VIETINBANK", "AGRIBANK", "SACOMBANK", "TECHCOMBANK")
_UPPER_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

Choose = random.Random


def digits(rng: Choose, count: int) -> str:
    return "".join(rng.choices("0123456789", k=count))


def mixed(rng: Choose, count: int) -> str:
    return "".join(rng.choices(_UPPER_DIGITS, k=count))


def name(rng: Choose) -> str:
    return f"{rng.choice(_SURNAMES)} {rng.choice(_MIDDLES)} {rng.choice(_GIVEN)}"


def _day(rng: Choose) -> str:
    return f"{rng.randint(1, 28):02}{rng.randint(1, 12):02}{rng.choice(('25', '26', '2025', '2026'))}"


def _clock(rng: Choose) -> str:
    return f"{rng.randint(0, 23):02}:{rng.randint(0, 59):02}:{rng.randint(0, 59):02}"


def _school_class(rng: Choose) -> str:
    return f"{rng.randint(1, 12)}{rng.choice('ABCDE')}{rng.choice(('', '1', '2', '3'))}"


_SENTENCES: tuple[Callable[[Choose], str], ...] = (
    lambda rng: f"{name(rng)} chuyen khoan",
    lambda rng: f"{name(rng)} chuyen tien",
    lambda rng: f"{name(rng)} lop {_school_class(rng)} nop tien an thang {rng.randint(1, 12)}",
    lambda rng: f"nop tien hoc cho chau {name(rng)} {_school_class(rng)} sdt 0{digits(rng, 9)}",
    lambda rng: f"chuyen khoan tien ban tru {name(rng)} truong TH {rng.choice(_PLACES)}",
    lambda rng: f"BHYT {name(rng).title()} {_school_class(rng)} nam hoc 2026-2027",
    lambda rng: f"{name(rng)} CK HOC PHI T{rng.randint(1, 12)}",
    lambda rng: f"Ma ho so H{digits(rng, 2)}.{digits(rng, 2)}-{_day(rng)}-{digits(rng, 4)}",
    lambda rng: f"le phi ho so 000.00.00.H{digits(rng, 2)}-{_day(rng)}-{digits(rng, 4)} {name(rng)}",
    lambda rng: f"TT tien dien KH P{rng.choice('ABCDEH')}{digits(rng, 11)}",
    lambda rng: f"MKH{digits(rng, 6)} {name(rng)}",
    lambda rng: f"ma KH {digits(rng, rng.choice((6, 8, 10, 12)))} {name(rng)}",
    lambda rng: f"KH {name(rng)} thanh toan don hang {mixed(rng, 8)}",
    lambda rng: f"Thanh toan QR-VG{digits(rng, 4)}",
    lambda rng: f"BK{digits(rng, 17)}",
    lambda rng: f"DH{digits(rng, 5)}{rng.choice('ABCDEF')}",
    lambda rng: f"{name(rng)} chuyen tien qua MoMo",
    lambda rng: f"the BHYT HS4{digits(rng, 12)} {name(rng)}",
    lambda rng: f"VA M789{digits(rng, 8)} {name(rng)} HK1 nam hoc 2026",
    lambda rng: f"SEVQR {mixed(rng, 8)} {name(rng)}",
    lambda rng: f"HD{digits(rng, 7)} {rng.choice(('vien phi', 'kham benh', 'tam ung'))}",
    lambda rng: f"{mixed(rng, rng.randint(7, 12))} {name(rng)}",
    lambda rng: f"{digits(rng, 12)} {name(rng)} nop phi",
    lambda rng: f"Tien nuoc ho {name(rng)} thon {rng.choice(_PLACES)} ky {rng.randint(1, 12)}/2026",
    lambda rng: f"ung ho quy khuyen hoc {rng.choice(_PLACES)} {name(rng)}",
    lambda rng: "",
)


def sentence(rng: Choose) -> str:
    """What a payer types who has no reference."""
    text = rng.choice(_SENTENCES)(rng)
    return rng.choice((text, text, text.lower(), text.upper()))


_WRAPPERS: tuple[Callable[[Choose, str], str], ...] = (
    lambda _, text: text,
    lambda rng, text: (
        f"MBVCB.{digits(rng, 10)}.{text}.CT tu {digits(rng, 13)} {name(rng)} toi {digits(rng, 10)} TRUONG TIEU HOC"
        f" {rng.choice(_PLACES)}"
    ),
    lambda rng, text: (
        f"MBVCB.{digits(rng, 10)}.{digits(rng, 6)}.{text}.CT tu {digits(rng, 13)} {name(rng)} toi {digits(rng, 8)} {name(rng)}"
        f" tai {rng.choice(_BANKS)} GD {digits(rng, 6)}-{_day(rng)} {_clock(rng)}"
    ),
    lambda rng, text: (
        f"MBVCB.{digits(rng, 11)}.{digits(rng, 4)}BFTVG2{mixed(rng, 6)}.{text}.CT tu {digits(rng, 10)} {name(rng)} toi"
        f" {digits(rng, 11)} {name(rng)} tai {rng.choice(_BANKS)}"
    ),
    lambda rng, text: f"CUSTOMER MBVCB {digits(rng, 10)} {digits(rng, 6)} {text} CT t",
    lambda rng, text: f"CUSTOMER {text}. TU: {name(rng)}",
    lambda rng, text: f"CUSTOMER {text} - Ma gia o dich/ Trace {digits(rng, 6)}",
    lambda rng, text: f"{digits(rng, 6)}.{_day(rng)}.{digits(rng, 6)}.{text}",
    lambda rng, text: f"{digits(rng, 12)}-{text}-CHUYEN TIEN-OQCH000{mixed(rng, 5)}-MOMO{digits(rng, 12)}MOMO",
    lambda rng, text: f"ZALOPAY-CHUYENTIEN-{mixed(rng, 12)}-{text.replace('_', '')}",
    lambda rng, text: f"{digits(rng, 12)}-{text.replace('-', '')}-CHUYEN TIEN-OQCH000{mixed(rng, 5)[:3]}",
    lambda rng, text: f"TKThe :{digits(rng, 10)}, tai {rng.choice(_BANKS)}. {text} -CTLNHIDI{digits(rng, 15)}-1/1-CRE-002",
    lambda rng, text: (
        f"TKThe :{digits(rng, 10)}, tai Vietcombank. MBVCB.{digits(rng, 11)}.{digits(rng, 6)}.{text}.CT tu {digits(rng, 13)}"
        f" {name(rng)} toi {digits(rng, 10)} tai BIDV -CTLNHIDI000013514{digits(rng, 6)}-1/1-CRE-002"
    ),
    lambda rng, text: f"REM Tfr Ac:{digits(rng, 10)} O@L_{digits(rng, 6)}_{digits(rng, 6)}_0_0_{digits(rng, 9)} {text}",
    lambda rng, text: f"ND:CT DEN:{digits(rng, 12)} {text}; tai Napas",
    lambda rng, text: f"ND:CT DEN:{digits(rng, 12)} ICB;{digits(rng, 9)};{text}; tai Napas",
    lambda rng, text: f"Chuyen tien den tu NAPAS Noi dung: IBFT {text}",
    lambda rng, text: f"{text} FT{digits(rng, 14)} GD {mixed(rng, 16)} {_day(rng)}-{_clock(rng)}",
    lambda rng, text: f"VQR{mixed(rng, 10).lower()} {text}",
    lambda rng, text: (
        f"CS{mixed(rng, 9)} {text} {digits(rng, 16)} GD {digits(rng, 4)}IBT1h{mixed(rng, 8)} {_day(rng)}-{_clock(rng)}"
    ),
    lambda rng, text: f"{text.replace(' ', '  ')} FT{digits(rng, 14)}\\BNK",
    lambda rng, text: (
        f"{text.replace('.', ' ')[:35]} {text.replace('.', ' ')[35:]} TRACE{digits(rng, 4)} {digits(rng, 2)} Trace {digits(rng, 6)}"
    ),
    lambda rng, text: f"IBFT {text}{digits(rng, 6)}",
)


_WITHOUT_TEXT: tuple[Callable[[Choose], str], ...] = (
    lambda rng: (
        f"{digits(rng, 25)}WVI{digits(rng, 6)}.{digits(rng, 5)}.{_day(rng)}.Vietcombank:{digits(rng, 13)}:{name(rng)}"
    ),
    lambda rng: f"ma gd - Ma giao dich/ Trace{digits(rng, 4)} {digits(rng, 2)} Trace {digits(rng, 6)}",
    lambda rng: f"MOMO-CASHIN-0{digits(rng, 9)}-OQCI{mixed(rng, 8)}-{digits(rng, 11)}",
    lambda rng: f"ZALOPAY-CHUYENTIEN-{mixed(rng, 12)}-ORDER{digits(rng, 17)}B{digits(rng, 7)}",
    lambda rng: f"Thanh toan QR-{_day(rng)}-{_clock(rng)}",
    lambda rng: f"VQR{mixed(rng, 9).lower()} c eVRC",
)


def wrapped(rng: Choose, text: str) -> str:
    """The text as some bank or wallet delivers it; one in ten has a space at the wrap column."""
    memo = rng.choice(_WRAPPERS)(rng, text)
    return memo if rng.random() < 0.9 else f"{memo[:35]} {memo[35:]}"


def memo_without(rng: Choose) -> str:
    """A memo that holds no reference; in one of ten whatever was typed got lost."""
    return wrapped(rng, sentence(rng)) if rng.random() < 0.9 else rng.choice(_WITHOUT_TEXT)(rng)


def memo_with(rng: Choose, reference: str) -> str:
    """A memo that holds this text where the reference belongs, alone, before a sentence, behind one, or glued to it."""
    shape = rng.choice(("{0}", "{0} {1}", "{1} {0}", "{1}{0}", "HS{0}.{1}"))
    return wrapped(rng, shape.format(reference, sentence(rng)))


_SEPARATORS = (" ", "-", ".", "_", "/", ":", ", ", "  ")
_LOOK_ALIKES = {"0": "Oo", "1": "IiLl", "2": "Zz", "5": "Ss", "6": "Gg", "8": "Bb"}


def dressed(rng: Choose, text: str) -> str:
    """The text as people and banks may write it without a slip: lower case, look-alikes, separators anywhere."""
    letters = [rng.choice(_LOOK_ALIKES.get(letter, "") + letter.lower() + letter) for letter in text]
    gaps = {rng.randrange(1, len(letters)) for _ in range(rng.choice((0, 1, 2, 4)))}
    return "".join(rng.choice(_SEPARATORS) * (place in gaps) + letter for place, letter in enumerate(letters))


_SLIP_SYMBOLS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def slip(rng: Choose, text: str) -> str:
    """The text with one wrong character, at random."""
    place = rng.randrange(len(text))
    return text[:place] + rng.choice(_SLIP_SYMBOLS.replace(text[place], "")) + text[place + 1 :]


def swap(rng: Choose, text: str) -> str:
    """The text with two neighbours swapped, at random."""
    place = rng.randrange(len(text) - 1)
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def lose(rng: Choose, text: str) -> str:
    """The text without one of its characters, the last excepted."""
    place = rng.randrange(len(text) - 1)
    return text[:place] + text[place + 1 :]


def insert(rng: Choose, text: str) -> str:
    """The text with one character too many."""
    place = rng.randrange(1, len(text))
    return text[:place] + rng.choice(_SLIP_SYMBOLS) + text[place:]


def cut(text: str) -> str:
    """The text without its last character."""
    return text[:-1]
