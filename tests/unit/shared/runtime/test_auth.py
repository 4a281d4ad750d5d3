from __future__ import annotations

from types import SimpleNamespace

import pytest
from pydantic import SecretStr

from shared.runtime.auth import Caller, caller_of, sign_token
from shared.runtime.problems import Problem

SECRET = "a-secret-key-for-tests-of-32-bytes-or-more"
REQUEST = SimpleNamespace(
    app=SimpleNamespace(
        state=SimpleNamespace(
            settings=SimpleNamespace(secret_key=SecretStr(SECRET), admin_token=SecretStr("an-admin-token"))
        )
    )
)


@pytest.mark.parametrize("sites", [None, frozenset(), frozenset({"TH1", "TH2"})])
def test_a_caller_is_who_was_signed_also_one_of_every_site(sites):
    caller = Caller("p1", "viewer", sites)
    assert caller_of(REQUEST, f"Bearer {sign_token(SECRET, caller)}") == caller


@pytest.mark.parametrize(
    "token", ["", "Bearer ", "Bearer nonsense", f"Bearer {sign_token('x' * 40, Caller('p', 'admin', None))}"]
)
def test_any_other_token_is_refused(token):
    with pytest.raises(Problem) as refused:
        caller_of(REQUEST, token)
    assert refused.value.status == 401
