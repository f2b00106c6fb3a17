"""Events from Markdown files with front matter, with their transcript below the text."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from core.imported import Front, Imported, body_blocks, page_fields, paragraphs, put
from core.models import HubPage
from core.models.contexts import Extremism, Region, Setting, Stage
from events.models import LONGEST, EventKind, EventPage, EventSpeaker
from events.times import in_zone
from events.transcript import TranscriptError, passages

TRANSCRIPT = re.compile(r"^[ \t]*<!--\s*transcript\s*-->[ \t]*$", re.MULTILINE)
CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
FARTHEST = 4000  # days before and after today


def import_event(
    path: Path,
    parent: HubPage,
    *,
    today: date,
    link: Callable[[str], str | None] | None = None,
    image: Callable[[str, str], Any] | None = None,
    translation_of: HubPage | None = None,
    slug: str = "",
) -> Imported:
    """Make an event of a file. One that stands there already under its address stays as it is.

    Args:
        path: The Markdown file; its name gives the address.
        parent: The section it will stand in: the events, or a working group.
        today: The day from which ``starts_in_days`` is counted.
        link, image: As for ``core.markdown.blocks_from_markdown``.
        translation_of: The event of which it is a version in another language.
        slug: Last part of the address, where it is not the file's name.

    Raises:
        core.imported.ImportProblem: with every problem of the file; nothing is saved then.
    """
    front, text = Front.of_file(path)
    body, transcript = split(text)
    fields = page_fields(front, parent)
    blocks, remarks = body_blocks(front, body, **{k: v for k, v in (("link", link), ("image", image)) if v})
    zone = front.text("time_zone") or "UTC"
    if zone not in available_timezones():
        front.problem("time_zone", f"{zone} is no time zone, such as Europe/Berlin")
        zone = "UTC"
    try:
        passages(transcript)
    except TranscriptError as error:
        front.problem("transcript", error)
    event = EventPage(
        **fields,
        event_kind=front.code("kind", EventKind.values),
        starts_at=beginning(front, zone, today),
        duration_minutes=front.number("duration_minutes", 1, LONGEST, default=60),
        time_zone=zone,
        join_link=front.text("join_link", most=500),
        capacity=front.text("capacity", most=200),
        poor_line=paragraphs(front.text("poor_line")),
        afterwards=paragraphs(front.text("afterwards")),
        recording=front.text("recording", most=1000),
        recording_url=front.text("recording_url", most=500),
        setting=front.codes("setting", Setting.values),
        stage=front.codes("stage", Stage.values),
        extremism=front.codes("extremism", Extremism.values),
        regions=front.codes("regions", Region.values),
        transcript=transcript,
        body=blocks,
    )
    event.speakers.set(speakers(front))
    made = put(front, parent, event, slug=slug or path.name.partition(".")[0], translation_of=translation_of)
    return Imported(made.page, made.is_new, [*remarks, *made.remarks])


def split(text: str) -> tuple[str, str]:
    """The text before the line ``<!-- transcript -->``, and the transcript below it."""
    mark = TRANSCRIPT.search(text)
    if mark is None:
        return text, ""
    return text[: mark.start()], text[mark.end() :].strip()


def beginning(front: Front, zone: str, today: date) -> datetime:
    """When it begins: ``starts`` in UTC, or ``starts_in_days`` from today ``at`` a time of the host's clock."""
    if "starts" in front.fields:
        found = front.moment("starts")
        if found is None and not front.problems:
            front.problem("starts", "is missing")
        return found or datetime.combine(today, time(), UTC)
    if "starts_in_days" not in front.fields:
        front.problem("starts", "is missing; give starts, or starts_in_days and at")
        return datetime.combine(today, time(), UTC)
    day = today + timedelta(days=front.number("starts_in_days", -FARTHEST, FARTHEST))
    at = _clock(front)
    try:
        return in_zone(datetime.combine(day, at), zone)
    except ValueError as error:
        front.problem("at", error)
        return datetime.combine(day, at, UTC)


def _clock(front: Front) -> time:
    value = front.fields.get("at")
    if isinstance(value, int) and 0 <= value < 24 * 60:
        return time(value // 60, value % 60)  # YAML reads 14:00 without quotes as a number of base 60
    found = CLOCK.fullmatch(str(value or "").strip())
    if found is None:
        front.problem("at", f"expected a time such as 14:00, found {value!r}")
        return time()
    return time(int(found[1]), int(found[2]))


def speakers(front: Front) -> list[EventSpeaker]:
    """Who speaks, in the order of the file."""
    found = []
    for place, item in enumerate(front.items("speakers")):
        one = Front(item, front.where)
        name, role = one.text("name", most=120, required=True), one.text("role", most=200)
        for problem in one.problems:
            front.problem(f"speakers, number {place + 1}", problem)
        found.append(EventSpeaker(name=name, role=role, sort_order=place))
    return found
