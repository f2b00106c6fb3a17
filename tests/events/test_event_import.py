"""Events from files: the demo's own, and files with every sort of mistake."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.conf import settings

from core.imported import ImportProblem
from core.models import Topic
from events.importing import import_event
from events.models import EventPage
from tests import personas
from tests.events.conftest import utc

pytestmark = pytest.mark.django_db

DEMO = Path(settings.BASE_DIR) / "demo"
GOOD = """---
title: A webinar
kind: webinar
audience: members
starts_in_days: {days}
at: "02:30"
time_zone: Europe/Berlin
---
Text.
"""


@pytest.fixture
def vocabulary(db):
    import yaml

    for topic in yaml.safe_load((DEMO / "topics.yaml").read_text()):
        Topic.objects.get_or_create(slug=topic["slug"], defaults={"name": topic["name"]["en"]})
    from members.demo import GROUPS
    from members.models import WorkingGroup

    for group in GROUPS:
        WorkingGroup.objects.get_or_create(slug=group["slug"], defaults=group)


@pytest.fixture
def file_of(tmp_path):
    def write(text: str | bytes, name: str = "an-event.md") -> Path:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_every_event_of_the_demo_comes_in_whole(section, vocabulary):
    files = [path for path in sorted((DEMO / "events").glob("*.md")) if path.name.count(".") == 1]
    assert len(files) >= 12
    for path in files:
        made = import_event(path, section, today=date(2026, 11, 23))
        assert made.is_new
        event = EventPage.objects.get(pk=made.page.pk)
        assert event.live
        assert event.join_link or event.ends_at < utc(2026, 11, 23) or event.speakers.exists()
        assert ("<!-- transcript -->" in path.read_text()) == bool(event.passages)
        assert "transcript" not in str(event.body)[-40:]
        assert event.topics.exists()
    again = [import_event(path, section, today=date(2026, 12, 24)) for path in files]
    assert not any(made.is_new for made in again)
    assert EventPage.objects.count() == len(files)


def test_the_sample_of_the_demo_has_its_time_speakers_and_transcript(section, vocabulary):
    path = DEMO / "events" / "supporting-parents-webinar.md"
    event = import_event(path, section, today=date(2026, 11, 23)).page
    assert event.starts_at == utc(2026, 10, 8, 12)  # 46 days before, 14:00 in Berlin's summer
    assert event.duration_minutes == 75
    assert [speaker.name for speaker in event.speakers.all()] == ["Miriam", "Tomas"]
    assert "at 3 min" in [place.label for place in event.search_places()]
    assert {topic.slug for topic in event.topics.all()} == {"parents-and-siblings", "first-contact"}


def test_a_group_event_is_for_its_group_alone(section, people, file_of):
    text = GOOD.format(days=3).replace("audience: members", f"audience: group\nworking_group: {personas.GROUP}")
    event = import_event(file_of(text), section, today=date(2026, 11, 23)).page
    group = personas.make_groups()[personas.GROUP]
    assert event.access_key == f"group:{group.pk}"


def test_starts_is_read_in_utc(section, file_of):
    text = GOOD.format(days=3).replace("starts_in_days: 3", "starts: 2031-03-04T15:00:00Z")
    assert import_event(file_of(text), section, today=date(2026, 11, 23)).page.starts_at == utc(2031, 3, 4, 15)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("title: A webinar", "title:"), "title: is missing"),
        (("kind: webinar", "kind: party"), "kind: unknown: party. Choose from webinar, meeting, training"),
        (("audience: members", "audience: everybody"), "audience: unknown: everybody"),
        (("audience: members", "audience: group"), "working_group"),
        (("audience: members", "audience: group\nworking_group: nobody"), "no such working group: nobody"),
        (("audience: members", "topics: [no-such-topic]"), "topics: not in the vocabulary: no-such-topic"),
        (("audience: members", "audience: public\nteaser: true"), "teaser"),
        (('at: "02:30"', 'at: "25:30"'), "at: expected a time"),
        (("starts_in_days: 3", "starts_in_days: soon"), "starts_in_days: expected a whole number"),
        (("starts_in_days: 3", "starts_in_days: 99999"), "is not between -4000 and 4000"),
        (("starts_in_days: 3\n", ""), "starts: is missing"),
        (("Europe/Berlin", "Middle/Earth"), "time_zone: Middle/Earth is no time zone"),
        (("Text.", "Text.\n<!-- transcript -->\n[00:03] A\n[00:01] B"), "transcript: line 2"),
        (("kind: webinar", "kind: webinar\nduration_minutes: 0"), "duration_minutes: 0 is not between 1 and"),
        (("kind: webinar", "kind: webinar\njoin_link: javascript:alert(1)"), "join_link"),
        (("kind: webinar", "kind: webinar\nspeakers: [{role: Nurse}]"), "speakers, number 1: name: is missing"),
        (("kind: webinar", "kind: webinar\nspeakers: Ada"), "speakers: expected a list"),
        (("kind: webinar", "kind: webinar\nsetting: [moon]"), "setting: unknown: moon"),
        (("kind: webinar", "kind: webinar\nlanguage: de"), "language: is de"),
        (("kind: webinar", "kind: webinar\nsummary: " + "x" * 501), "summary: has 501 characters; at most 500 fit"),
    ],
)
def test_a_mistake_is_named_with_its_field_and_nothing_is_saved(section, people, file_of, change, words):
    text = GOOD.format(days=3).replace(*change)
    with pytest.raises(ImportProblem) as refused:
        import_event(file_of(text), section, today=date(2026, 11, 23))
    assert words in str(refused.value)
    assert "an-event.md" in str(refused.value)
    assert not EventPage.objects.exists()


def test_all_mistakes_of_a_file_are_told_at_once(section, file_of):
    text = GOOD.format(days=3).replace("kind: webinar", "kind: party\nduration_minutes: none")
    with pytest.raises(ImportProblem) as refused:
        import_event(file_of(text), section, today=date(2026, 11, 23))
    assert len(refused.value.problems) == 2


def test_a_time_that_the_clocks_jump_over_is_told(section, file_of):
    with pytest.raises(ImportProblem, match="at: In Europe/Berlin the clocks go forward"):
        import_event(file_of(GOOD.format(days=0)), section, today=date(2026, 3, 29))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfe broken", "is not UTF-8"),
        (b"---\ntitle: [\n---\n", "line"),
        (b"---\ntitle: A\n", "never closed"),
        (b"", "title: is missing"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(section, file_of, content, words):
    with pytest.raises(ImportProblem, match=words):
        import_event(file_of(content), section, today=date(2026, 11, 23))


def test_a_file_that_is_not_there_is_told(section, tmp_path):
    with pytest.raises(ImportProblem, match="No such file"):
        import_event(tmp_path / "nothing.md", section, today=date(2026, 11, 23))
