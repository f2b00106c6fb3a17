"""One standard: clauses with addresses that stay, shown as far as each visitor may read."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import translation
from wagtail.models import Locale

from core.access import ANONYMOUS, Viewer
from standards.models import Clause, StandardIndexPage, StandardPage, clause_url, find_clauses
from tests import personas

pytestmark = pytest.mark.django_db

FULL = {"full", "seat", "group_full", "lead", "otherlead", "secretariat", "board"}
MEMBER = Viewer(frozenset({"public", "members"}), signed_in=True)


@pytest.mark.parametrize("name", personas.NAMES)
def test_a_closed_standard_and_its_clauses_are_for_those_who_may_read_them(name, client_of, make_standard):
    page = make_standard("S3", title="Canary", clauses=["Canary clause"], audience="full")
    response = client_of(name).get(page.url)
    assert response.status_code == (200 if name in FULL else 404)
    assert ("Canary" in response.content.decode()) == (name in FULL)
    assert ("Canary" in client_of(name).get("/standards/").content.decode()) == (name in FULL)


def test_number_edition_and_status_are_in_sight(client, make_standard):
    page = make_standard("S6", edition="Draft 2", status="consultation")
    html = client.get(page.url).content.decode()
    for words in ("Standard S6", "Draft 2", "Draft for consultation", "Nobody has adopted it"):
        assert words in html


def test_each_clause_has_its_anchor_and_guidance_is_folded(client, make_standard):
    html = client.get(make_standard("S6").url).content.decode()
    assert 'id="S6.1"' in html
    assert 'href="#S6.2"' in html
    assert html.count('<details class="fold">') == 2
    assert "How to do it." in html


def test_each_clause_is_a_place_for_search_and_is_found_by_its_id(make_standard):
    page = make_standard("S6", clauses=["Everyone is <b>told</b> before."])
    places = list(page.search_places())
    assert (places[-1].anchor, places[-1].label) == ("#S6.1", "clause S6.1")
    assert places[-1].text == "S6.1 Everyone is told before. How to do it."
    entry = list(page.search_entries())[-1]
    assert (entry.anchor, entry.label, entry.key) == ("#S6.1", "clause S6.1", "public")
    assert page.search_facets()["kind"] == ["standard"]


def test_a_standard_with_a_teaser_gives_its_clauses_to_no_one_else(make_standard):
    page = make_standard("S6", clauses=["secretword"], audience="members", teaser=True)
    assert "secretword" not in repr([entry for entry in page.search_entries() if entry.key == "public"])


@pytest.mark.parametrize("name", personas.NAMES)
def test_what_a_clause_rests_on_is_shown_only_as_far_as_the_visitor_may_open_it(
    name, client_of, make_standard, make_page
):
    closed, opened = make_page("Closed source", audience="full"), make_page("Open source")
    teased = make_page("Teased source", audience="full", teaser=True)
    page = make_standard("S6", rests_on={1: [closed, opened, teased]})
    html = client_of(name).get(page.url).content.decode()
    assert "Open source" in html
    assert ("Closed source" in html) == (name in FULL)
    assert ("Teased source" in html) == (name in FULL)


def test_sources_stand_in_their_order_and_in_the_language_of_the_standard(client, make_standard, make_page):
    first, second = make_page("Zebra"), make_page("Apple")
    page = make_standard("S6", rests_on={1: [first, second]})
    html = client.get(page.url).content.decode()
    assert html.index("Zebra") < html.index("Apple")


def test_a_clause_is_found_by_its_id_as_far_as_the_viewer_may_open_it(make_standard):
    opened, closed = make_standard("S1"), make_standard("S2", audience="members")
    assert clause_url("S1.2", ANONYMOUS) == f"{opened.url}#S1.2"
    assert clause_url("S2.1", ANONYMOUS) is None
    assert clause_url("S2.1", MEMBER) == f"{closed.url}#S2.1"


@pytest.mark.parametrize(
    "name", ["S1.9", "S9.1", "S1", "S1.", "S1.1 ", "s1.1", "S1.1.1", "", "S01.1", "S1.0", "S1.99999"]
)
def test_an_id_of_nothing_leads_nowhere(name, make_standard):
    make_standard("S1")
    assert clause_url(name, ANONYMOUS) is None


def test_many_clauses_are_found_in_one_query(make_standard, django_assert_num_queries):
    for number in ("S1", "S2", "S3"):
        make_standard(number)
    find_clauses(["S1.1"], ANONYMOUS)
    with django_assert_num_queries(1):
        assert len(find_clauses([f"S{s}.{c}" for s in (1, 2, 3) for c in (1, 2, 3)], ANONYMOUS)) == 6


def test_links_to_clauses_lead_there_and_are_plain_words_for_those_who_may_not(client_of, make_standard, make_page):
    closed = make_standard("S2", audience="members", slug="secret-slug")
    page = make_page("With links", body=[("paragraph", '<p>See <a linktype="clause" id="S2.1">the rule</a>.</p>')])
    assert f'href="{closed.url}#S2.1"' in client_of("associate").get(page.url).content.decode()
    html = client_of("anonymous").get(page.url).content.decode()
    assert "the rule" in html
    assert "secret-slug" not in html
    assert "#S2.1" not in html


def test_the_edition_in_force_answers_for_a_number_before_a_superseded_one(make_standard):
    make_standard("S1", slug="old", status="superseded")
    new = make_standard("S1", slug="new", status="adopted")
    assert clause_url("S1.1", ANONYMOUS) == f"{new.url}#S1.1"


def test_a_superseded_edition_says_so_and_stands_apart(client, make_standard):
    page = make_standard("S1", slug="old", status="superseded", title="Old edition")
    make_standard("S1", slug="new", status="adopted", title="New edition")
    assert "no longer in force" in client.get(page.url).content.decode()
    context = client.get("/standards/").context
    assert [entry.card.title for entry in context["standards"]] == ["New edition"]
    assert [entry.card.title for entry in context["superseded"]] == ["Old edition"]


def test_a_clause_is_found_in_the_readers_language(make_standard):
    english = make_standard("S1")
    german = StandardPage.objects.get(pk=english.copy_for_translation(Locale.objects.get(language_code="de")).pk)
    assert clause_url("S1.1", ANONYMOUS) == f"{english.url}#S1.1"
    german.save_revision().publish()
    with translation.override("de"):
        assert clause_url("S1.1", ANONYMOUS) == f"{german.url}#S1.1"
    with translation.override("fr"):
        assert clause_url("S1.1", ANONYMOUS) == f"{english.url}#S1.1"


def test_a_source_in_another_language_is_shown_in_the_readers_own_where_there_is_one(client, make_standard, make_page):
    german = Locale.objects.get(language_code="de")
    english = make_page("English source")
    translated = english.copy_for_translation(german)
    translated.title = "Deutsche Quelle"
    translated.save_revision().publish()
    only = make_page("Only in English")
    page = make_standard("S1", rests_on={1: [english, only]}).copy_for_translation(german)
    page.save_revision().publish()
    html = client.get(page.url).content.decode()
    assert "Deutsche Quelle" in html
    assert "English source" not in html
    assert "Only in English" in html


@pytest.mark.parametrize("status", ["adopted", "consultation"])
def test_two_standards_of_one_number_cannot_both_be_adopted_or_in_consultation(status, make_standard):
    make_standard("S1", status=status)
    with pytest.raises(ValidationError) as refused:
        make_standard("S1", slug="another", status=status)
    assert "status" in refused.value.message_dict


def test_the_draft_of_the_next_edition_may_stand_beside_the_adopted_one(make_standard):
    adopted = make_standard("S1", status="adopted")
    draft = make_standard("S1", slug="next", status="draft")
    assert clause_url("S1.1", ANONYMOUS) == f"{adopted.url}#S1.1"
    draft.status = "adopted"
    with pytest.raises(ValidationError):
        draft.save()


def test_a_copy_of_an_adopted_standard_is_the_draft_of_its_next_edition(client_of, make_standard):
    page = make_standard("S1", status="adopted", rests_on={})
    response = client_of("secretariat").post(
        f"/admin/pages/{page.pk}/copy/",
        {
            "new_title": "Next edition",
            "new_slug": "next-edition",
            "new_parent_page": StandardIndexPage.objects.get(locale=page.locale).pk,
            "publish_copies": "on",
        },
    )
    assert response.status_code == 302
    copy = StandardPage.objects.get(slug="next-edition")
    assert (copy.status, copy.number, copy.last_number) == ("draft", "S1", 2)
    assert StandardPage.objects.get(pk=page.pk).status == "adopted"


def test_an_alias_of_a_standard_is_no_second_standard(make_standard):
    page = make_standard("S1", status="adopted")
    alias = page.create_alias(update_slug="alias")
    page.title = "Renamed"
    page.save_revision().publish()
    assert StandardPage.objects.get(pk=alias.pk).title == "Renamed"
    assert clause_url("S1.1", ANONYMOUS) == f"{page.url}#S1.1"
    assert list(alias.search_entries()) == []


@pytest.mark.parametrize("number", ["", "1", "s1", "S0", "S100", "S1a", "S1\n", "SS1"])
def test_a_number_is_an_s_and_a_number(number, make_standard):
    with pytest.raises(ValidationError) as refused:
        make_standard(number, slug="x")
    assert "number" in refused.value.message_dict


def test_the_database_holds_one_clause_per_number(make_standard):
    page = make_standard("S1")
    with pytest.raises(IntegrityError), transaction.atomic():
        Clause.objects.create(page=page, number=1, text="<p>Again</p>")


def test_the_highest_number_never_falls(make_standard):
    page = make_standard("S1", clauses=["One", "Two", "Three"])
    old = page.save_revision()
    StandardPage.objects.get(pk=page.pk).clauses.get(number=3).delete()
    page = StandardPage.objects.get(pk=page.pk)
    page.clauses.add(Clause(number=4, text="<p>Four</p>"))
    page.save_revision().publish()
    assert StandardPage.objects.get(pk=page.pk).last_number == 4
    old.publish()
    assert StandardPage.objects.get(pk=page.pk).last_number == 4


def test_a_copy_in_another_language_keeps_numbers_and_sources(make_standard, make_page):
    source = make_page("Source")
    page = make_standard("S1", rests_on={1: [source]})
    german = Locale.objects.get(language_code="de")
    assert StandardIndexPage.objects.filter(locale=german).exists()
    copy = page.copy_for_translation(german)
    assert [clause.number for clause in copy.clauses.all()] == [1, 2]
    assert [link.page_id for link in copy.clauses.first().rests_on.all()] == [source.pk]


def test_standards_stand_in_the_order_of_their_numbers(client, make_standard):
    for number in ("S10", "S2", "S1"):
        make_standard(number, edition="E1", status="draft")
    html = client.get("/standards/").content.decode()
    assert html.index("Standard S1<") < html.index("Standard S2<") < html.index("Standard S10<")
    assert "Draft" in html


def test_a_teaser_in_the_list_tells_neither_number_nor_edition_nor_status(client, make_standard):
    make_standard("S7", title="Teased", audience="full", teaser=True, edition="Edition canary", status="adopted")
    html = client.get("/standards/").content.decode()
    assert "Teased" in html
    for secret in ("S7", "Edition canary", "Adopted"):
        assert secret not in html


def test_an_empty_list_says_what_would_be_there(client, section):
    assert "No standard is open to you yet" in client.get("/standards/").content.decode()


@pytest.mark.parametrize(("name", "most"), [("anonymous", 10), ("group_full", 14)])
def test_a_standard_costs_as_many_queries_with_many_clauses_as_with_few(
    name, most, client_of, make_standard, make_page, django_assert_max_num_queries
):
    pages = [make_page(f"Source {n}", body=[]) for n in range(5)]
    link = f'See <a linktype="clause" id="S1.1">S1.1</a> and <a linktype="page" id="{pages[0].pk}">a page</a>.'
    small = make_standard("S1", clauses=[link] * 2, rests_on={1: pages, 2: pages})
    large = make_standard("S2", clauses=[link] * 25, rests_on=dict.fromkeys(range(1, 26), pages))
    visitor = client_of(name)
    visitor.get(small.url)
    with django_assert_max_num_queries(most) as few:
        visitor.get(small.url)
    with django_assert_max_num_queries(most) as many:
        visitor.get(large.url)
    assert len(few) == len(many)


@pytest.mark.parametrize(("name", "most"), [("anonymous", 10), ("group_full", 14)])
def test_the_list_costs_as_many_queries_for_forty_as_for_twenty(
    name, most, client_of, make_standard, django_assert_max_num_queries
):
    for number in range(1, 21):
        make_standard(f"S{number}", clauses=["One"])
    visitor = client_of(name)
    visitor.get("/standards/")
    with django_assert_max_num_queries(most) as few:
        visitor.get("/standards/")
    for number in range(21, 41):
        make_standard(f"S{number}", clauses=["One"])
    visitor.get("/standards/")
    with django_assert_max_num_queries(most) as many:
        visitor.get("/standards/")
    assert len(few) == len(many)
