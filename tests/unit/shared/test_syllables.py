"""What is a Vietnamese syllable and what is not."""

from __future__ import annotations

import unicodedata

import pytest

from shared.syllables import is_syllable

SENTENCE = """
Nguyễn Thị Ánh Tuyết Trần Văn Đức Quỳnh Quốc giếng gìn giữ Lường Nông Mỵ tiền ăn bán trú tháng nước uống bảo hiểm y tế học
sinh thủ tục Khuyên Huỳnh Nguyệt Thuỷ Thúy khoẻ khỏe quả giặt nghiêng Đặng Phượng Hưởng ngoằn ngoèo xoắn huơ quờ quạng
chuyển khoản thanh toán đợt thu kỳ một hai ba bốn năm sáu bảy tám chín mười gì giấy nghĩa oái oăm yểng yến ỷ uỷ ban
"""


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_every_word_of_real_text_is_one(form):
    words = unicodedata.normalize(form, SENTENCE).split()
    assert [word for word in words if not is_syllable(word)] == []


@pytest.mark.parametrize("word", ["NguyÔn", "Nguyeãn", "V¨n", "Kpă", "Müller", "họć", "hòc", "ngiêng2", "thưq", "", "ạạ"])
def test_wrong_letters_make_none(word):
    assert not is_syllable(word)
