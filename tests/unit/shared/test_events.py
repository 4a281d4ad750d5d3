"""What all events hold."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from shared.events.base import Moment

MOMENTS = TypeAdapter(Moment)


def test_a_moment_is_in_utc_whatever_its_offset_was():
    assert MOMENTS.validate_python("2026-11-24T09:00:00+07:00").isoformat() == "2026-11-24T02:00:00+00:00"


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+07:00", "9999-12-31T23:59:59-07:00", "2026-11-24T09:00:00"])
def test_a_moment_outside_of_all_time_or_without_offset_is_refused(text: str):
    with pytest.raises(ValidationError):
        MOMENTS.validate_python(text)
