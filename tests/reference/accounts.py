"""What an account is: what the seed says, and what its landed information says where the seed is silent."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from zoneinfo import available_timezones

from . import crm, values
from .landed import LandedRecord

ZONES = {name.lower(): name for name in available_timezones()}


def described(seed: dict, objects: list[LandedRecord]) -> dict:
    """The account's seed with time zone and currency filled in; a time zone that is none is kept aside.

    seed: {"account_name", "time_zone", "plan", "created_on", "currency"}, each of which may be missing.
    Returns the same, its "time_zone" one that there is, and "unknown_time_zone": text or None.
    """
    landed = [one for one in objects if one.kind == "accounts" and not crm.is_archived(one.record)]
    latest = max(landed, key=_recency).record if landed else {}
    zone = _word(seed.get("time_zone")) or _word(latest.get("timeZone"))
    currency = _word(seed.get("currency")) or _word(latest.get("companyCurrency"))
    known = ZONES.get(zone.lower()) if zone else "UTC"
    return seed | {
        "time_zone": known or "UTC",
        "unknown_time_zone": None if known else zone,
        "currency": currency.upper() if currency else None,
    }


def rates(currency: str | None, objects: list[LandedRecord]) -> dict[str, Decimal]:
    """Currency -> what one of it is in the account's, by the rate that took effect last."""
    latest: dict[str, tuple[tuple, Decimal]] = {}
    for one in objects:
        if one.kind != "exchange_rates" or crm.is_archived(one.record):
            continue
        record = one.record
        rate = values.exchange_rate(record.get("conversionRate"))
        source = (_word(record.get("fromCurrencyCode")) or "").upper()
        target = (_word(record.get("toCurrencyCode")) or "").upper()
        if rate is None or not source or not target or target != currency:
            continue
        effective_at = values.time(record.get("effectiveAt"))
        recency = (
            effective_at is not None,
            effective_at or values.EPOCH,
            values.time(record.get("updatedAt")) or values.EPOCH,
            values.id_text(record["id"]),
        )
        if source not in latest or recency > latest[source][0]:
            latest[source] = (recency, rate)
    return {source: rate for source, (_, rate) in latest.items()}


def _word(value: object) -> str | None:
    return (values.text(value) or "").strip() or None


def _recency(one: LandedRecord) -> tuple[datetime, int, str]:
    return (
        values.time(one.record.get("updatedAt")) or values.EPOCH,
        one.load,
        values.id_text(one.record["id"]),
    )
