"""The sample's people: loaded with the sample district, bound to its sites, offered on the sign-in page without a password."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from services.portal.office import OfficeHere
from services.portal.people import store
from services.portal.people.roles import Grant, GrantError, Role, check_grants
from shared.runtime.auth import AdminHere
from shared.runtime.problems import Problem

Text = Annotated[str, Field(min_length=1, max_length=200)]


class SampleGrant(BaseModel):
    """A role of a sample person."""

    model_config = ConfigDict(extra="forbid")
    role: Role
    site_id: Text | None = None
    unit_code: Text | None = None
    groups: tuple[Text, ...] = ()


class SamplePerson(BaseModel):
    """Somebody of the sample; `login` is the id too, so that loading twice changes nothing."""

    model_config = ConfigDict(extra="forbid")
    login: Annotated[str, Field(pattern=r"^mau-[a-z0-9-]{1,40}$")]
    name: Text
    grants: Annotated[list[SampleGrant], Field(min_length=1, max_length=20)]


router = APIRouter(tags=["people"])
"""PUT /people/sample."""


@router.put("/people/sample")
async def put(office: OfficeHere, body: list[SamplePerson], _caller: AdminHere) -> dict[str, int]:
    """Add the sample's people, or leave them as they are; they see sample sites only, whatever they are granted."""
    added = 0
    async with office.database.transaction() as connection:
        for person in body:
            grants = [Grant(each.role, each.site_id, each.unit_code, each.groups) for each in person.grants]
            try:
                check_grants(grants)
            except GrantError as error:
                raise Problem(422, "invalid_grant", f"{person.login}: {error}") from error
            known = await store.by_login(connection, person.login)
            if known is None:
                await store.add(
                    connection, person.login, person.name, grants, made_by="sample", sample=True, person_id=person.login
                )
                added += 1
            elif known[0].sample and set(known[0].grants) != set(grants):
                await store.put_grants(connection, person.login, grants)
                added += 1
    return {"accepted": added, "unchanged": len(body) - added}
