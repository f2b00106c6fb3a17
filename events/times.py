"""One moment as clocks in several places show it, across every change of the clocks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones


@dataclass(frozen=True)
class Span:
    """Beginning and end by the clocks of one place.

    Args:
        zone: IANA name of the time zone.
        starts, ends: aware, in that zone.
    """

    zone: str
    starts: datetime
    ends: datetime

    @classmethod
    def of(cls, starts: datetime, ends: datetime, zone: str) -> Span:
        """Two aware moments by the clocks of a zone."""
        there = ZoneInfo(zone)
        return cls(zone, starts.astimezone(there), ends.astimezone(there))

    @property
    def place(self) -> str:
        """The city the zone is named for, as it is read; "UTC" for that one.

        >>> Span.of(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC), "America/Sao_Paulo").place
        'Sao Paulo'
        """
        return self.zone.rpartition("/")[2].replace("_", " ")

    @property
    def offset(self) -> str:
        """How far the clocks of the place are from UTC when it begins, such as ``UTC+5:30``; empty in UTC itself."""
        if self.zone == "UTC":
            return ""
        offset = self.starts.utcoffset() or timedelta()
        minutes = abs(offset) // timedelta(minutes=1)
        sign = "-" if offset < timedelta() else "+"
        return f"UTC{sign}{minutes // 60}" + (f":{minutes % 60:02}" if minutes % 60 else "")

    @property
    def is_one_day(self) -> bool:
        """Whether it ends on the day on which it begins, there."""
        return self.starts.date() == self.ends.date()

    def is_as(self, other: Span) -> bool:
        """Whether the clocks of both places show the same."""
        return self.starts.replace(tzinfo=None) == other.starts.replace(tzinfo=None)


def zone_names() -> list[str]:
    """The time zones an editor can choose from: UTC first, then by continent and city."""
    return ["UTC", *sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))]


def in_zone(naive: datetime, zone: str) -> datetime:
    """The moment at which the clocks of a zone show this; the first of two where they go back.

    Raises:
        ValueError: the clocks there never show this time, because they go forward over it.
    """
    there = ZoneInfo(zone)
    moment = naive.replace(tzinfo=there).astimezone(UTC)
    if moment.astimezone(there).replace(tzinfo=None) != naive:
        raise ValueError(f"In {zone} the clocks go forward over {naive:%Y-%m-%d %H:%M}")
    return moment
