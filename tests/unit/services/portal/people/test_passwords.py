from __future__ import annotations

import pytest

from services.portal.people.passwords import Passwords, is_weak


@pytest.mark.parametrize("password", ["", "ngan", "1234567890", "aaaaaaaaaaaa", "toi la khoi day", "matkhau123", "x" * 201])
def test_what_is_easily_guessed_is_weak(password):
    assert is_weak(password, "khoi")


def test_a_short_sentence_is_not_weak():
    assert not is_weak("mot cau de nho 2026", "khoi")


async def test_a_password_fits_its_own_hash_and_no_other():
    passwords = Passwords()
    kept = await passwords.hashed("mot cau de nho")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert await passwords.fits("mot cau de nho", kept)
    for password, other in (
        ("mot cau de nhO", kept),
        ("mot cau de nho", None),
        ("mot cau de nho", "rubbish"),
        ("x" * 300, kept),
    ):
        assert not await passwords.fits(password, other)
