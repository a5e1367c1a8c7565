"""Days, months, weekdays and hours of instants in an account's time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def local(at: datetime, account: dict) -> datetime:
    """The instant as the clocks of the account show it; UTC when its time zone is not known."""
    time_zone = account.get("time_zone")
    return at.astimezone(ZoneInfo(time_zone) if time_zone else UTC)


def day_of(at: datetime, account: dict) -> date:
    """Day of an instant."""
    return local(at, account).date()


def month_of(at: datetime, account: dict) -> date:
    """First day of the month of an instant."""
    return day_of(at, account).replace(day=1)


def end_of_month(month: date, account: dict) -> datetime:
    """First instant of the next month, in UTC."""
    year, number = (month.year + 1, 1) if month.month == 12 else (month.year, month.month + 1)
    time_zone = account.get("time_zone")
    midnight = datetime(year, number, 1, tzinfo=ZoneInfo(time_zone) if time_zone else UTC)
    return midnight.astimezone(UTC)
