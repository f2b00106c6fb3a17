"""The editor of a page: tabs in the order of thinking, topics to tick, a sensible audience, and who will read it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from wagtail.test.utils.form_data import inline_formset, nested_form_data, streamfield

from core.audience import set_audience
from core.editor import TopicChooser, reasons
from core.models import Topic
from groups.models import WorkingGroupIndexPage, WorkingGroupPage
from guidebooks.models import ChapterPage, GuidebookIndexPage, GuidebookPage
from hub.models import HomePage, PlainPage
from tests import personas

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client):
    client.force_login(personas.make_personas()["secretariat"])
    return client


@pytest.fixture
def group():
    return personas.make_groups()[personas.GROUP]


@pytest.fixture
def space(group):
    """The home of a group, open to everybody."""
    page = WorkingGroupPage(title="Family", audience="public", working_group=group)
    WorkingGroupIndexPage.objects.get(locale__language_code="en").add_child(instance=page)
    return page


@pytest.fixture
def topics():
    family = Topic.objects.create(name="Families, communities", slug="family", name_de="Familien")
    return {
        "family": family,
        "parents": Topic.objects.create(name="Parents", slug="parents", parent=family),
        "prison": Topic.objects.create(name="Prison", slug="prison"),
    }


def form(**changes: Any) -> dict[str, Any]:
    """A new plain page as its form sends it."""
    return nested_form_data(
        {
            "title": "Money",
            "slug": "money",
            "summary": "",
            "audience": "members",
            "working_group": "",
            "body": streamfield([]),
            "files": inline_formset([]),
            "keywords": "",
            "review_by": "",
            "published_on": "",
            **changes,
        }
    )


def field(html: str, name: str) -> str:
    """What is chosen in a select, or among the buttons, of a page."""
    select = re.search(rf'<select[^>]*name="{name}".*?</select>', html, re.S)
    where, mark = (select[0], "<option") if select else (html, f'<input type="radio" name="{name}"')
    chosen = re.search(rf'{mark} value="([^"]*)"[^>]* (?:selected|checked)', where)
    return chosen[1] if chosen else ""


def add(office, kind: str, parent: Any) -> str:
    answer = office.get(f"/admin/pages/add/{kind}/{parent.pk}/")
    assert answer.status_code == 200
    return answer.content.decode()


def home() -> HomePage:
    return HomePage.objects.get(locale__language_code="en")


@pytest.mark.parametrize(
    "model", [PlainPage, GuidebookPage, ChapterPage, WorkingGroupPage, GuidebookIndexPage], ids=lambda m: m.__name__
)
def test_tabs_stand_in_the_order_in_which_one_thinks(model):
    names = [str(tab.heading) for tab in model.get_edit_handler().children]
    assert names == ["Text", "Subject and files", "Readers and dates"]


def test_a_new_page_begins_with_the_readers_its_section_allows(office, space, group):
    html = add(office, "hub/plainpage", home())
    assert (field(html, "audience"), field(html, "working_group")) == ("members", "")  # never open by itself
    html = add(office, "guidebooks/guidebookpage", space)
    assert (field(html, "audience"), field(html, "working_group")) == ("members", str(group.pk))
    set_audience(space, "group_full", group)
    html = add(office, "guidebooks/guidebookpage", space)
    assert (field(html, "audience"), field(html, "working_group")) == ("group_full", str(group.pk))


def test_topics_are_ticked_and_not_typed(office, topics):
    html = add(office, "hub/plainpage", home())
    boxes = re.findall(r'name="topics" value="([\w-]+)"', html)
    assert boxes == ["family", "parents", "prison"]  # each under its broader one
    answer = office.post(
        f"/admin/pages/add/hub/plainpage/{home().pk}/", {**form(), "topics": ["family", "parents", "no-such"]}
    )
    assert answer.status_code == 302
    page = PlainPage.objects.get()
    latest = page.get_latest_revision_as_object()
    assert {topic.slug for topic in latest.topics.all()} == {"family", "parents"}
    html = office.get(f"/admin/pages/{page.pk}/edit/").content.decode()
    ticked = re.findall(r'value="([\w-]+)" checked', html)
    assert ticked == ["family", "parents"]


def test_ticked_topics_stay_when_something_else_is_wrong(office, topics):
    answer = office.post(
        f"/admin/pages/add/hub/plainpage/{home().pk}/", {**form(title=""), "topics": ["family", "prison"]}
    )
    assert answer.status_code == 200
    assert re.findall(r'value="([\w-]+)" checked', answer.content.decode()) == ["family", "prison"]


def test_without_topics_the_form_says_who_adds_them(office):
    assert "The secretariat adds them" in add(office, "hub/plainpage", home())


def test_topics_are_named_in_the_readers_language(topics):
    from django.utils import translation

    with translation.override("de"):
        assert "Familien" in TopicChooser().render("topics", [], {"id": "x"})


def test_the_summary_says_how_much_fits(office):
    html = add(office, "hub/plainpage", home())
    area = re.search(r"<textarea[^>]*name=\"summary\"[^>]*>", html)[0]
    assert 'maxlength="500"' in area
    assert "%(used)s of %(most)s characters" in area
    assert "js/admin/counted" in html


def test_the_editor_says_who_will_read_a_page_and_why(office, space, group):
    book = GuidebookPage(title="Parents", audience="members", working_group=group)
    space.add_child(instance=book)
    assert reasons(book) == ["This page: Members"]
    set_audience(space, "group", group)
    book.refresh_from_db()
    book = GuidebookPage.objects.get(pk=book.pk)
    assert reasons(book) == ["This page: Members", "“Family” above it is narrower: The working group"]
    html = office.get(f"/admin/pages/{book.pk}/edit/").content.decode()
    assert "“Family” above it is narrower: The working group" in html
    space.unpublish()
    book = GuidebookPage.objects.get(pk=book.pk)
    assert "“Family” above it is not published: nobody reads what is below it" in reasons(book)


def test_the_checks_of_the_editor_name_what_to_look_at(office):
    page = PlainPage(title="A page", audience="members", body=[("paragraph", "<p>Mr. Kamau came back.</p>")])
    home().add_child(instance=page)
    html = office.get(f"/admin/pages/{page.pk}/edit/").content.decode()
    assert "Could this point at a person?" in html
    assert "Mr. Kamau" in html
    assert "Issues found" in html  # Wagtail's own stay
    assert "Save the page once" in add(office, "hub/plainpage", home())


def test_the_preview_stands_in_the_frame_of_the_editor_and_runs_the_checks(office):
    page = PlainPage(title="A page", audience="members", body=[("paragraph", "<p>Words.</p>")])
    home().add_child(instance=page)
    address = f"/admin/pages/{page.pk}/edit/preview/"
    office.post(address, form(title="A page", slug="a-page"))
    shown = office.get(f"{address}?in_preview_panel=true")
    assert shown.status_code == 200
    assert "frame-ancestors 'self'" in shown["Content-Security-Policy"]
    assert "script-src 'self'" in shown["Content-Security-Policy"]
    assert "data-wagtail-userbar" in shown.content.decode()  # Wagtail's checks live in it
    plain = office.get(page.url)
    assert "frame-ancestors 'none'" in plain["Content-Security-Policy"]
    assert "data-wagtail-userbar" not in plain.content.decode()
