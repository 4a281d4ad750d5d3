"""Reading payloads: those that others published, and those with one thing wrong."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.vietqr import VietQRError, decode
from shared.vietqr.fields import crc, read_fields, sealed, write_fields
from tests.unit.shared.vietqr.vectors import vectors

# A school's fee at the sample bank: to an account, 150,000 đồng, memo "KHC3J9M2X8N".
FIELDS = {
    "00": "01",
    "01": "12",
    "38": write_fields({"00": "A000000727", "01": write_fields({"00": "999999", "01": "MAU26001"}), "02": "QRIBFTTA"}),
    "53": "704",
    "54": "150000",
    "58": "VN",
    "62": write_fields({"01": "HD7", "08": "KHC3J9M2X8N"}),
}
PUBLISHED = {  # their name of a thing: ours
    "init": "method", "bin": "bin", "account": "account", "service": "service", "currency": "currency", "country": "country",
    "purpose": "memo", "bill_number": "bill",
}  # fmt: skip


def changed(**tags: str | None) -> str:
    """The payload with some fields changed, added, or (None) left out: changed(_54="0")."""
    fields = FIELDS | {tag.removeprefix("_"): value for tag, value in tags.items() if value is not None}
    return sealed({tag: value for tag, value in fields.items() if tags.get(f"_{tag}", "") is not None})


def closed(body: str) -> str:
    """A payload whose check is right, whatever its fields are."""
    return body + "6304" + crc(body + "6304")


def test_a_payload_says_whom_how_much_and_what_for() -> None:
    read = decode(sealed(FIELDS))
    assert (read.method, read.bin, read.account, read.service) == ("dynamic", "999999", "MAU26001", "QRIBFTTA")
    assert (read.amount, read.currency, read.country, read.bill, read.memo) == (150_000, "704", "VN", "HD7", "KHC3J9M2X8N")
    assert read.warnings == []


def test_published_payloads_are_read_as_published() -> None:
    for vector in vectors():
        if not vector["crc_valid"]:
            with pytest.raises(VietQRError, match="check"):
                decode(vector["payload"])
            continue
        read = decode(vector["payload"])
        expected: dict[str, Any] = vector["expected"]
        theirs = {ours: expected[name] for name, ours in PUBLISHED.items() if name in expected}
        assert {ours: getattr(read, ours) for ours in theirs} == theirs, vector["id"]
        assert read.amount == (int(expected["amount"]) if "amount" in expected else None), vector["id"]
        assert vector["fields"] is None or read.fields == vector["fields"], vector["id"]
        assert bool(read.warnings) is not vector["structure_ok"], vector["id"]


def test_published_payloads_are_written_again_from_their_fields() -> None:
    for vector in vectors():
        payload: str = vector["payload"]
        if vector["crc_valid"] and payload.isascii():
            fields = read_fields(payload)
            del fields["63"]
            assert sealed(fields) == payload[:-4] + payload[-4:].upper(), vector["id"]


def test_a_merchant_code_of_another_scheme_keeps_its_fields() -> None:
    vnpay = {"00": "01", "01": "11", "26": "0010A00000077501100105313144", "53": "704", "58": "VN"}
    read = decode(sealed(vnpay))
    assert (read.bin, read.account, read.service) == (None, None, None)
    assert read.fields["26"] == vnpay["26"]
    assert decode(changed(_38=vnpay["26"])).bin is None


@pytest.mark.parametrize("tag", ["01", "38", "53", "54", "58", "62"])
def test_what_is_absent_is_none(tag: str) -> None:
    read = decode(changed(**{f"_{tag}": None}))
    absent = {
        "01": ["method"], "38": ["bin", "account", "service"], "53": ["currency"], "54": ["amount"], "58": ["country"],
        "62": ["bill", "memo"],
    }[tag]  # fmt: skip
    asked = ["method", "bin", "account", "service", "amount", "currency", "country", "bill", "memo"]
    assert [name for name in asked if getattr(read, name) is None] == absent


@pytest.mark.parametrize("unit", ["characters", "bytes"])
def test_lengths_may_count_characters_or_bytes(unit: str) -> None:
    memo = "Học phí T9"
    length = len(memo) if unit == "characters" else len(memo.encode())
    read = decode(closed(write_fields({"00": "01", "01": "12"}) + f"62{length + 4:02}08{length:02}{memo}"))
    assert (read.memo, read.warnings) == (memo, [])


def test_a_lower_case_check_and_white_space_around_do_not_matter() -> None:
    payload = sealed(FIELDS)
    assert decode(f"  {payload[:-4]}{payload[-4:].lower()}\n").amount == 150_000


@pytest.mark.parametrize(
    ("payload", "sentence"),
    [
        ("", "does not begin with 000201"),
        ("https://example.vn", "does not begin with 000201"),
        ("000201", "does not end with 6304"),
        (sealed(FIELDS)[:-1], "does not end with 6304"),
        (sealed(FIELDS) + "0", "does not end with 6304"),
        (sealed(FIELDS).replace("150000", "950000"), "check"),
        (closed("000201" + "010212"[:-1]), "field 63 is longer|four digits"),
        (closed("00020162990803abc"), "field 62 is longer"),
        (closed("00020162120803abc"), "longer|over the check|four digits"),
        (closed("00020154011540125802VN"), "field 54 stands there twice"),
        (closed("000201²²02"), "four digits"),
        (changed(_54="1.5"), "field 54"),
        (changed(_54="-1"), "field 54"),
        (changed(_54="12345678901234"), "field 54"),
        ("000201\udcff6304ABCD", "no text"),
    ],
)
def test_what_cannot_be_trusted_is_refused_in_one_line(payload: str, sentence: str) -> None:
    with pytest.raises(VietQRError, match=sentence) as caught:
        decode(payload)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("payload", "warning"),
    [
        (changed(_62=""), "field 62 is empty"),
        (changed(_62="0899x"), "field 62 cannot be read"),
        (changed(_38="0010A00000072701110006999999X"), "field 38.01 cannot be read"),
        (changed(_01="13"), "field 01"),
        (changed(_53="840", _54="1.50"), "field 53"),
    ],
)
def test_what_is_amiss_and_harmless_is_warned_of(payload: str, warning: str) -> None:
    assert any(warning in each for each in decode(payload).warnings)


def test_zeros_after_the_point_are_no_part_of_a_dong() -> None:
    assert decode(changed(_54="150000.00")).amount == 150_000


@given(st.text() | st.text("0123456789").map("000201{}".format) | st.text().map(lambda text: closed("000201" + text)))
@example("0002016304")
def test_no_text_makes_it_stumble(text: str) -> None:
    with contextlib.suppress(VietQRError):
        assert decode(text).fields["00"] == "01"


@given(st.integers(0, len(sealed(FIELDS)) - 1), st.characters(max_codepoint=0x2FF))
def test_one_changed_character_is_noticed(place: int, letter: str) -> None:
    payload = sealed(FIELDS)
    damaged = payload[:place] + letter + payload[place + 1 :]
    if damaged.strip().upper() != payload.upper():
        with pytest.raises(VietQRError):
            decode(damaged)
