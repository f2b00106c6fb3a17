"""Times by the clocks of two places, on the days on which clocks change and on others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from events.times import Span, in_zone, zone_names


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("starts", "zone", "shown", "offset"),
    [
        (utc(2026, 3, 28, 13), "Europe/Berlin", "14:00", "UTC+1"),
        (utc(2026, 3, 29, 13), "Europe/Berlin", "15:00", "UTC+2"),
        (utc(2026, 10, 24, 13), "Europe/Berlin", "15:00", "UTC+2"),
        (utc(2026, 10, 25, 13), "Europe/Berlin", "14:00", "UTC+1"),
        (utc(2026, 3, 8, 18), "America/New_York", "14:00", "UTC-4"),
        (utc(2026, 3, 7, 18), "America/New_York", "13:00", "UTC-5"),
        (utc(2026, 7, 1, 12), "Asia/Kathmandu", "17:45", "UTC+5:45"),
        (utc(2026, 7, 1, 12), "America/St_Johns", "09:30", "UTC-2:30"),
        (utc(2026, 7, 1, 12), "Africa/Nairobi", "15:00", "UTC+3"),
        (utc(2026, 7, 1, 12), "UTC", "12:00", ""),
    ],
)
def test_each_zone_shows_its_own_time_with_its_offset_on_that_day(starts, zone, shown, offset):
    span = Span.of(starts, starts + timedelta(hours=1), zone)
    assert span.starts.strftime("%H:%M") == shown
    assert span.offset == offset


def test_an_event_over_a_change_of_the_clocks_lasts_as_long_as_it_says():
    starts = utc(2026, 3, 29, 0, 30)  # half past one in Berlin; at two the clocks go to three
    span = Span.of(starts, starts + timedelta(hours=1), "Europe/Berlin")
    assert (span.starts.strftime("%H:%M"), span.ends.strftime("%H:%M")) == ("01:30", "03:30")


def test_a_time_that_the_clocks_jump_over_is_refused():
    with pytest.raises(ValueError, match="go forward over 2026-03-29 02:30"):
        in_zone(datetime(2026, 3, 29, 2, 30), "Europe/Berlin")


def test_of_a_time_that_comes_twice_the_first_is_meant():
    assert in_zone(datetime(2026, 10, 25, 2, 30), "Europe/Berlin") == utc(2026, 10, 25, 0, 30)


def test_the_end_on_another_day_is_told():
    span = Span.of(utc(2026, 7, 1, 21), utc(2026, 7, 1, 23), "Africa/Nairobi")
    assert not Span.of(utc(2026, 7, 1, 20), utc(2026, 7, 1, 22), "Africa/Nairobi").is_one_day
    assert span.is_one_day


def test_two_zones_with_the_same_time_are_told_once():
    starts, ends = utc(2026, 1, 5, 12), utc(2026, 1, 5, 13)
    assert Span.of(starts, ends, "UTC").is_as(Span.of(starts, ends, "Africa/Accra"))
    assert not Span.of(starts, ends, "UTC").is_as(Span.of(starts, ends, "Europe/Paris"))


def test_editors_choose_from_zones_that_are_named_for_places():
    names = zone_names()
    assert names[0] == "UTC"
    assert {"Europe/Berlin", "Africa/Nairobi"} < set(names)
    assert not [name for name in names if name.startswith("Etc/")]
