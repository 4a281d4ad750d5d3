"""Writes text as programs from before Unicode did; written apart from the reader that it tests."""

from __future__ import annotations

import unicodedata

TONES = "\u0300\u0301\u0303\u0309\u0323"
_TCVN3 = dict(
    zip(
        "àảãáạăằẳẵắặâầẩẫấậđèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵĂÂĐÊÔƠƯ",
        bytes.fromhex(
            "b5b6b7b8b9a8bbbcbdbec6a9c7c8c9cacbaecccecfd0d1aad2d3d4d5d6d7d8dcdddedfe1e2e3e4abe5e6e7e8e9aceaebecedee"
            "eff1f2f3f4adf5f6f7f8f9fafbfcfdfea1a2a7a3a4a5a6"
        ),
        strict=True,
    )
)
_VNI_MARKS = {"\u0300": "ø", "\u0301": "ù", "\u0309": "û", "\u0303": "õ", "\u0323": "ï"}
_VNI_ROOFED = {"\u0300": "à", "\u0301": "á", "\u0309": "å", "\u0303": "ã", "\u0323": "ä", "": "â"}
_VNI_BREVE = {"\u0300": "è", "\u0301": "é", "\u0309": "ú", "\u0303": "ü", "\u0323": "ë", "": "ê"}
_VNI_I = {"ì": "ì", "í": "í", "ỉ": "æ", "ĩ": "ó", "ị": "ò", "ỵ": "î", "đ": "ñ", "Đ": "Ñ"}


def tcvn3(text: str) -> bytes:
    return b"".join(bytes([_TCVN3[letter]]) if letter in _TCVN3 else letter.encode("ascii") for letter in text)


def vni(text: str) -> bytes:
    return "".join(_vni_letter(letter) for letter in text).encode("latin-1")


def cp1258(text: str) -> bytes:
    """Letters with their roof or horn in one code, tones as codes of their own."""
    made = b""
    for letter in text:
        base, tone = _apart(letter)
        made += (base + tone).encode("cp1258")
    return made


def _apart(letter: str) -> tuple[str, str]:
    marks = unicodedata.normalize("NFD", letter)
    tone = "".join(mark for mark in marks if mark in TONES)
    return unicodedata.normalize("NFC", "".join(mark for mark in marks if mark not in TONES)), tone


def _vni_letter(letter: str) -> str:
    if letter in _VNI_I:
        return _VNI_I[letter]
    base, tone = _apart(letter)
    roofs = {"â": ("a", _VNI_ROOFED), "ê": ("e", _VNI_ROOFED), "ô": ("o", _VNI_ROOFED), "ă": ("a", _VNI_BREVE)}
    if base.lower() in roofs:
        plain, marks = roofs[base.lower()]
        return plain + marks[tone]
    horned = {"ơ": "ô", "ư": "ö"}.get(base, base)
    return horned + (_VNI_MARKS[tone] if tone else "")
