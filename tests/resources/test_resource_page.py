"""The page of one resource: what it says of itself, to whom, and where it leads."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.test import Client

from core.models import Evidence, FileOfPage, HubDocument
from resources.models import ResourceIndexPage, ResourcePage
from resources.words import EVIDENCE_MEANS, RESOURCE_KINDS, WHAT_TO_DO
from tests.resources.conftest import AUDIENCES, SEES

Make = Callable[..., Any]
WRITES = ("INSERT", "UPDATE", "DELETE")


def text_of(client: Client, page: ResourcePage) -> str:
    """What a page says to one client."""
    answer = client.get(page.url)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", unescape(answer.content.decode()))


@pytest.mark.parametrize("name", SEES)
def test_each_visitor_may_open_what_is_theirs_and_else_finds_nothing(
    name: str, client_of: Make, one_of_each: dict[str, ResourcePage]
) -> None:
    client = client_of(name)
    for audience in AUDIENCES:
        answer = client.get(one_of_each[audience].url)
        assert answer.status_code == (200 if audience in SEES[name] else 404)
        assert (f"Resource {audience}" in answer.content.decode()) == (audience in SEES[name])


def test_a_practice_says_all_that_one_should_know_before_trying_it(make_resource: Make, client: Client) -> None:
    page = make_resource(
        "A practice",
        summary="What it is.",
        for_whom="Exit workers.",
        motivation=["doubting", "leaving"],
        staff="Two workers.",
        cost="One hour.",
        risks="Promising too much.",
        evidence="practice_based",
        setting=["prison", "online"],
        stage=["aftercare"],
        extremism=["any"],
        regions=["africa"],
        topics=["trauma"],
        keywords=["sleep"],
        text="The words of it.",
    )
    said = text_of(client, page)
    for words in (
        "Best practice",
        "What it is.",
        "Exit workers.",
        "Doubting, Leaving",
        "Two workers.",
        "One hour.",
        "Promising too much.",
        "The words of it.",
        "1 min",
        "Open to all",
    ):
        assert words in said
    assert '<a href="/library/?setting=prison">Prison</a>' in said
    assert '<a href="/library/?region=africa">Africa</a>' in said
    assert '<a class="tag" href="/library/?topic=trauma">Trauma</a>' in said
    assert '<a class="tag" href="/library/?keyword=sleep">sleep</a>' in said


@pytest.mark.parametrize("evidence", Evidence.values)
def test_the_kind_of_evidence_is_explained_where_it_stands(evidence: str, make_resource: Make, client: Client) -> None:
    said = text_of(client, make_resource(evidence=evidence))
    meaning = EVIDENCE_MEANS[Evidence(evidence)]
    assert f"<summary>{Evidence(evidence).label}</summary>" in said
    assert f"<p>{meaning}</p>" in said


@pytest.mark.parametrize("kind", RESOURCE_KINDS)
def test_each_kind_says_what_to_do_with_it(kind: str, make_resource: Make, client: Client) -> None:
    page = make_resource(
        resource_kind=kind, neighbour_field="Addiction care", carries_over="Patience.", does_not_carry="Illness."
    )
    said = text_of(client, page)
    assert str(WHAT_TO_DO[kind]) in said
    assert page.kind == kind
    assert ("What does not carry over" in said) == (kind == "lesson")
    assert ("Addiction care" in said) == (kind == "lesson")


def test_a_lesson_must_say_where_it_comes_from_and_what_carries_over(make_resource: Make) -> None:
    with pytest.raises(ValidationError) as refused:
        make_resource(resource_kind="lesson", neighbour_field="Addiction care")
    assert set(refused.value.message_dict) == {"carries_over", "does_not_carry"}


def test_a_review_before_the_publication_is_refused(make_resource: Make) -> None:
    with pytest.raises(ValidationError) as refused:
        make_resource(published_on=datetime(2025, 5, 2, tzinfo=UTC), review_by=datetime(2025, 5, 1, tzinfo=UTC).date())
    assert set(refused.value.message_dict) == {"review_by"}


@pytest.mark.parametrize(("days", "is_late"), [(-400, True), (-1, True), (0, False), (1, False)])
def test_a_page_past_its_review_says_so(days: int, is_late: bool, make_resource: Make, client: Client) -> None:
    review_by = datetime.now(UTC).date() + timedelta(days=days)
    page = make_resource(review_by=review_by, published_on=datetime(2015, 1, 1, tzinfo=UTC))
    said = text_of(client, page)
    assert ("Not reviewed since" in said) == is_late
    assert ("next review" in said) != is_late


def document(title: str, audience: str = "public") -> HubDocument:
    """A small text file."""
    made = HubDocument(title=title, audience=audience)
    made.file = ContentFile(b"Some words.", name=f"{title}.txt")
    made.file_size = 11
    made.save()
    return made


def test_files_are_listed_with_type_and_size_as_far_as_the_viewer_may_open_them(
    make_resource: Make, client_of: Make
) -> None:
    page = make_resource(audience="public")
    for number, audience in enumerate(("public", "members", "full")):
        FileOfPage.objects.create(page=page, document=document(f"file-{audience}", audience), sort_order=number)
    for name, files in (("anonymous", 1), ("associate", 2), ("full", 3)):
        said = text_of(client_of(name), page)
        assert len(re.findall(r">file-\w+</a>", said)) == files
        assert "<span>TXT</span>" in said
        assert "11 bytes" in said


def test_related_items_share_topics_and_are_open_to_the_viewer(make_resource: Make, client_of: Make) -> None:
    page = make_resource("Here", topics=["trauma", "housing"])
    make_resource("Both", topics=["trauma", "housing"])
    make_resource("One", topics=["trauma"])
    make_resource("None", topics=["media"])
    make_resource("Closed", topics=["trauma", "housing"], audience="full", teaser=True, summary="Closed summary.")
    said = text_of(client_of("anonymous"), page)
    related = said[said.index("<h2>Related</h2>") :]
    assert related.index(">Both<") < related.index(">One<")
    assert ">None<" not in related
    assert ">Closed<" not in related
    assert ">Here<" not in related
    assert ">Closed<" in text_of(client_of("full"), page)


def test_at_most_five_are_related_and_each_once_in_the_readers_language(
    make_resource: Make, library: ResourceIndexPage, client: Client
) -> None:
    german = library.get_translations().get(locale__language_code="de")
    page = make_resource("Here", topics=["trauma"])
    for number in range(7):
        other = make_resource(f"Other {number}", topics=["trauma"])
        make_resource(
            f"Anderes {number}",
            parent=german,
            locale=german.locale,
            translation_key=other.translation_key,
            topics=["trauma"],
        )
    said = text_of(client, page)
    assert len(re.findall(r">Other \d<", said)) == 5
    assert "Anderes" not in said


def test_versions_in_other_languages_are_offered_where_the_viewer_may_open_them(
    make_resource: Make, library: ResourceIndexPage, client_of: Make
) -> None:
    german = library.get_translations().get(locale__language_code="de")
    page = make_resource("Here")
    other = make_resource(
        "Hier", parent=german, locale=german.locale, translation_key=page.translation_key, audience="full"
    )
    assert f'href="{other.url}" lang="de"' not in text_of(client_of("associate"), page)
    assert f'href="{other.url}" lang="de" hreflang="de">Deutsch</a>' in text_of(client_of("full"), page)


def test_a_page_can_be_cited_with_its_group_year_and_address(
    make_resource: Make, groups: dict[str, Any], client: Client
) -> None:
    page = make_resource("A good start", working_group=groups["family-and-community"])
    said = text_of(client, page)
    address = f"{settings.WAGTAILADMIN_BASE_URL}/editions/{page.pk}/"
    assert f"INDEX, Family and community (2025). A good start. Best practice. {address}" in said
    assert "By the working group Family and community" in said


def test_markup_in_any_field_is_shown_as_words(make_resource: Make, client: Client) -> None:
    script = "<script>alert(1)</script>"
    page = make_resource(
        script,
        summary=script,
        for_whom=script,
        staff=script,
        cost=script,
        risks=script,
        keywords=[script],
        resource_kind="lesson",
        neighbour_field=script,
        carries_over=script,
        does_not_carry=script,
    )
    raw = client.get(page.url).content.decode()
    assert "<script>alert" not in raw


def test_the_page_stays_within_its_queries_and_writes_nothing(
    make_resource: Make, client_of: Make, groups: dict[str, Any], django_assert_max_num_queries: Any
) -> None:
    page = make_resource(
        "Here",
        topics=["trauma", "housing"],
        keywords=["a", "b"],
        text="Words.",
        working_group=groups["family-and-community"],
    )
    FileOfPage.objects.create(page=page, document=document("file"))
    for number in range(8):
        make_resource(f"Other {number}", topics=["trauma"], working_group=groups["family-and-community"])
    for name, most in (("anonymous", 10), ("full", 14), ("secretariat", 14)):
        client = client_of(name)
        client.get(page.url)
        with django_assert_max_num_queries(most) as asked:
            client.get(page.url)
        assert not [q["sql"] for q in asked.captured_queries if q["sql"].startswith(WRITES)]


def test_the_secretariat_can_make_and_edit_a_resource_in_the_editor(
    library: ResourceIndexPage, make_topic: Make, client_of: Make
) -> None:
    topic = make_topic("housing")
    client = client_of("secretariat")
    form = client.get(f"/admin/pages/add/resources/resourcepage/{library.pk}/")
    assert form.status_code == 200
    said = unescape(form.content.decode())
    for words in ("What can go wrong", "Kind of evidence", "Setting", "Only for a lesson", "Who may read"):
        assert words.casefold() in said.casefold()
    posted = {
        "title": "Made in the editor",
        "slug": "made-in-the-editor",
        "summary": "A summary.",
        "resource_kind": "tool",
        "setting": ["prison"],
        "evidence": "experience",
        "audience": "full",
        "topics": topic.name,
        "keywords": "",
        "body-count": "0",
        "files-TOTAL_FORMS": "0",
        "files-INITIAL_FORMS": "0",
        "files-MIN_NUM_FORMS": "0",
        "files-MAX_NUM_FORMS": "1000",
        "comments-TOTAL_FORMS": "0",
        "comments-INITIAL_FORMS": "0",
        "comments-MIN_NUM_FORMS": "0",
        "comments-MAX_NUM_FORMS": "1000",
        "action-publish": "1",
    }
    answer = client.post(f"/admin/pages/add/resources/resourcepage/{library.pk}/", posted)
    assert answer.status_code == 302, unescape(answer.content.decode())[:3000]
    page = ResourcePage.objects.get(slug="made-in-the-editor")
    assert (page.access_key, page.kind, page.setting, page.live) == ("full", "tool", ["prison"], True)
    assert [topic.slug for topic in page.topics.all()] == ["housing"]
    assert client.get(f"/admin/pages/{page.pk}/edit/").status_code == 200
