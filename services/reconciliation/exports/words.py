"""Amounts in words (bằng chữ), as Vietnamese accounting documents write them. Pure.

Libraries were looked at: num2words reads 1.005 as "một nghìn lẻ năm" and 1.234 tỷ as "một nghìn tỷ hai trăm ba mươi bốn tỷ";
a document says "một nghìn không trăm linh năm" and "một nghìn hai trăm ba mươi bốn tỷ".
"""

from __future__ import annotations

DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
BILLION = 10**9
WORDS_MAX = 10**18 - 1


def in_words(amount: int) -> str:
    """An amount of đồng in words: 1250000 → "Một triệu hai trăm năm mươi nghìn đồng". Raises ValueError beyond 18 digits."""
    if abs(amount) > WORDS_MAX:
        raise ValueError("too large to be written in words")
    words = read_number(abs(amount))
    text = f"âm {words} đồng" if amount < 0 else f"{words} đồng"
    return text[0].upper() + text[1:]


def read_number(number: int) -> str:
    """A number from 0 in words, in lower case."""
    if number == 0:
        return DIGITS[0]
    billions, rest = divmod(number, BILLION)
    words = [*_read_million_groups(billions, is_led=False), "tỷ"] if billions else []
    return " ".join([*words, *_read_million_groups(rest, is_led=bool(billions))])


def _read_million_groups(number: int, *, is_led: bool) -> list[str]:
    """Millions, thousands and units; `is_led` where greater digits were read before, so that zeros are named."""
    words: list[str] = []
    for scale, name in ((10**6, "triệu"), (10**3, "nghìn"), (1, "")):
        group = number // scale % 1000
        if group:
            words += _read_group(group, is_led=is_led)
            words += [name] if name else []
        is_led = is_led or bool(group)
    return words


def _read_group(group: int, *, is_led: bool) -> list[str]:
    """Three digits. Behind greater ones hundreds are always named: "không trăm linh năm"."""
    hundreds, tens, units = group // 100, group // 10 % 10, group % 10
    words = [DIGITS[hundreds], "trăm"] if hundreds or is_led else []
    if tens == 0:
        words += ["linh"] if units and words else []
    else:
        words += ["mười"] if tens == 1 else [DIGITS[tens], "mươi"]
    if units == 1 and tens > 1:
        words.append("mốt")
    elif units == 5 and tens > 0:
        words.append("lăm")
    elif units:
        words.append(DIGITS[units])
    return words
