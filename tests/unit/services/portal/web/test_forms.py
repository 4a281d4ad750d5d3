from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import FormData

from services.portal.web.forms import Form, own_path
from services.portal.web.refusals import Refusal


def a_form(**fields: str) -> Form:
    return Form(FormData(fields), "/back")


def test_what_people_type_is_read():
    form = a_form(amount=" 1.250.000 đ", due="05/11/2026", due_too="2026-11-05", name="  Lê   Lan ")
    assert form.amount("amount") == 1_250_000
    assert form.day("due") == form.day("due_too") == date(2026, 11, 5)
    assert form.text("name") == "Lê   Lan"
    assert (form.amount("missing"), form.day("missing"), form.text("missing")) == (None, None, "")


@pytest.mark.parametrize("typed", ["12,5", "-5", "0", "một trăm", "1.25.000", "٣٠٠"])
def test_what_is_no_amount_is_refused_with_the_words_typed(typed):
    with pytest.raises(Refusal) as refused:
        a_form(amount=typed).amount("amount")
    assert refused.value.back == "/back"


@pytest.mark.parametrize("typed", ["31/02/2026", "mai", "2026/11/05"])
def test_a_date_that_does_not_exist_is_refused(typed):
    with pytest.raises(Refusal):
        a_form(due=typed).day("due")


@pytest.mark.parametrize("fields", [{"name": "x" * 201}, {"name": "a\0b"}])
def test_what_no_form_of_ours_sends_is_refused(fields):
    with pytest.raises(Refusal):
        a_form(**fields).text("name")


@given(st.text())
def test_a_form_leads_to_this_site_only(text):
    path = own_path(text)
    assert path.startswith("/")
    assert not path.startswith(("//", "/\\"))
