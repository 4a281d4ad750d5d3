"""Pictures of codes, read back by another's decoder."""

from __future__ import annotations

import random
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from services.notices.drawing.qr import qr_code, qr_png, qr_svg
from shared.reference import random_reference
from shared.vietqr import decode
from tests.unit.services.notices.drawing.pictures import a_payee, a_sample_payee, codes_in, picture

CAPTION = ("An, lớp 4A, …123", "450.000 đ", "KHC3J9M2X8N")


@pytest.mark.parametrize("payee", [a_payee(), a_sample_payee(), a_payee(memo_prefix="SEVQR TKPAB1")])
@pytest.mark.parametrize("caption", [(), CAPTION])
def test_the_picture_says_what_the_payload_says(payee: object, caption: tuple[str, ...]) -> None:
    rng = random.Random(5)
    for _ in range(10):
        payload = payee.payload(random_reference(rng), rng.randrange(1_000, 20_000_000))
        assert codes_in(picture(qr_png(payload, sample=payee.sample, caption=caption))) == [payload]


def test_a_picture_that_a_bank_app_shrinks_is_still_read() -> None:
    payload = a_sample_payee().payload("KHC3J9M2X8N", 1_250_000)
    seen = picture(qr_png(payload, sample=True, caption=CAPTION))
    for side in (400, 250, 180):
        shrunk = seen.resize((side, side * seen.height // seen.width), Image.Resampling.BILINEAR)
        assert codes_in(shrunk) == [payload]


def test_a_fee_in_capitals_needs_37_modules() -> None:
    assert len(qr_code(a_payee().payload("KHC3J9M2X8N", 12_500_000)).matrix) == 37
    assert len(qr_code(a_payee(memo_prefix="SEVQR TKPAB1").payload("KHC3J9M2X8N", 12_500_000)).matrix) <= 41


def test_only_samples_are_marked() -> None:
    payload = a_payee().payload("KHC3J9M2X8N", 450_000)
    assert "KHÔNG CHUYỂN TIỀN" in qr_svg(payload, sample=True)
    assert "KHÔNG CHUYỂN TIỀN" not in qr_svg(payload, sample=False)
    assert _colors(qr_png(payload, sample=True)) > _colors(qr_png(payload, sample=False)) == 2


def _colors(png: bytes) -> int:
    return len(picture(png).getcolors() or ())


def test_pictures_are_small_enough_for_a_slow_network() -> None:
    payload = a_sample_payee().payload("KHC3J9M2X8N", 450_000)
    assert len(qr_svg(payload, sample=True)) < 3_500
    assert len(qr_png(payload, sample=False)) < 1_500
    assert len(qr_png(payload, sample=True, caption=CAPTION)) < 15_000


def test_a_label_cannot_break_out_of_the_svg() -> None:
    drawn = ET.fromstring(qr_svg("x", sample=True, label="<b>\"'&"))
    assert drawn.get("aria-label") == "<b>\"'&"


def test_the_memo_of_the_picture_begins_with_what_the_provider_needs() -> None:
    payload = a_payee(memo_prefix="SEVQR").payload("KHC3J9M2X8N", 450_000)
    assert decode(payload).memo == "SEVQR KHC3J9M2X8N"
