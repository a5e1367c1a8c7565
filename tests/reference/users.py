"""Rows of dim_users: who owns records or enrolled somebody, by the last names that are known."""

from __future__ import annotations

from . import crm, names, values
from .landed import LandedRecord


def dim_users(portal_id: str, versions: list[LandedRecord], rows: list[dict]) -> list[dict]:
    """versions: every version of the owner objects of one account. rows: its enrollments."""
    by_owner: dict[str, list[LandedRecord]] = {}
    for version in sorted(versions, key=_recency):
        by_owner.setdefault(values.id_text(version.record["id"]), []).append(version)

    of_user: dict[str, list[LandedRecord]] = {}
    owners: dict[str, list[LandedRecord]] = {}
    for its_versions in by_owner.values():
        known = [user for version in its_versions if (user := user_of(version.record)) is not None]
        if known:
            of_user.setdefault(known[-1], []).extend(its_versions)
            owners.setdefault(known[-1], []).append(its_versions[-1])

    shown = {user_id: _shown_owner(latest) for user_id, latest in owners.items()}
    enrolled = {row["enrolled_by_user_id"] for row in rows} - {None}
    rows = [
        {
            "portal_id": portal_id,
            "user_id": user_id,
            "owner_id": values.id_text(shown[user_id]["id"]) if user_id in shown else None,
            "email": _last(of_user.get(user_id, []), "email"),
            "first_name": _last(of_user.get(user_id, []), "firstName"),
            "last_name": _last(of_user.get(user_id, []), "lastName"),
            "updated_at": values.time(shown[user_id].get("updatedAt")) if user_id in shown else None,
            "is_archived": user_id in shown and crm.is_archived(shown[user_id]),
            "is_known": user_id in of_user,
        }
        for user_id in sorted(of_user.keys() | enrolled)
    ]
    return [row | {"user_name": names.full_name(row["first_name"], row["last_name"])} for row in rows]


def user_of(owner: dict) -> str | None:
    """The user who is, or was, an owner: one who left has only the second of these fields."""
    return values.id_text(owner.get("userId")) or values.id_text(owner.get("userIdIncludingInactive"))


def _last(versions: list[LandedRecord], field: str) -> str | None:
    found = [
        text
        for one in sorted(versions, key=_recency)
        if (text := (values.text(one.record.get(field)) or "").strip())
    ]
    return found[-1] if found else None


def _shown_owner(latest: list[LandedRecord]) -> dict:
    """The owner in use, else the one updated last."""

    def rank(version: LandedRecord) -> tuple:
        in_use = not crm.is_archived(version.record)
        updated_at = values.time(version.record.get("updatedAt")) or values.EPOCH
        return (in_use, updated_at, values.id_text(version.record["id"]))

    return max(latest, key=rank).record


def _recency(version: LandedRecord) -> tuple:
    return (values.time(version.record.get("updatedAt")) or values.EPOCH, version.arrival)
