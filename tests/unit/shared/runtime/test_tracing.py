"""Trace contexts: a span of a known trace, or the first of a new one."""

from __future__ import annotations

import re

import pytest

from shared.runtime.tracing import child_of, trace_id_of

TRACE = "0af7651916cd43dd8448eb211c80319c"
FORM = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]")


@pytest.mark.parametrize("flags", ["00", "01"])
def test_a_child_keeps_the_trace_and_its_flags_and_has_a_span_of_its_own(flags: str):
    parent = f"00-{TRACE}-b7ad6b7169203331-{flags}"
    child = child_of(parent)
    assert FORM.fullmatch(child)
    assert (child[:36], child[52:]) == (f"00-{TRACE}-", f"-{flags}")
    assert child != child_of(parent)


BROKEN = [
    None, "", "x", f"00-{TRACE}", f"00-{'0' * 32}-b7ad6b7169203331-01", f"00-{TRACE}-{'0' * 16}-01",
    f"ff-{TRACE}-b7ad6b7169203331-01",
]  # fmt: skip


@pytest.mark.parametrize("broken", BROKEN)
def test_without_a_parent_that_can_be_read_a_trace_begins(broken: str | None):
    child = child_of(broken)
    assert FORM.fullmatch(child)
    assert TRACE not in child


def test_what_another_version_of_the_standard_says_is_understood_as_far_as_it_goes():
    assert child_of(f"cc-{TRACE}-b7ad6b7169203331-01-what-the-future-will-be-like").startswith(f"00-{TRACE}-")


def test_a_trace_s_id_is_told():
    assert trace_id_of(f"00-{TRACE}-b7ad6b7169203331-01") == TRACE
    assert trace_id_of("x") is None
