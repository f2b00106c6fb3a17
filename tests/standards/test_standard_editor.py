"""The secretariat's form of a standard: numbers of clauses are given once and stay."""

from __future__ import annotations

from typing import Any

import pytest
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from standards.models import StandardPage

pytestmark = pytest.mark.django_db


def clause(text: str, number: str = "", **fields: Any) -> dict[str, Any]:
    return {
        "number": number,
        "text": rich_text(f"<p>{text}</p>"),
        "guidance": rich_text(""),
        "scope": "universal",
        "context": "",
        "rests_on": inline_formset([]),
        **fields,
    }


def form(clauses: list[dict[str, Any]], initial: int = 0, publish: bool = True, **changes: Any) -> dict[str, Any]:
    fields = {
        "title": "Safeguarding",
        "slug": "safeguarding",
        "summary": "",
        "audience": "public",
        "working_group": "",
        "number": "S6",
        "edition": "Draft 1",
        "status": "draft",
        "body": streamfield([]),
        "clauses": inline_formset(clauses, initial=initial),
        "files": inline_formset([]),
        "topics": "",
        "keywords": "",
        "review_by": "",
        "published_on": "",
        **changes,
    }
    if publish:
        fields["action-publish"] = "1"
    return nested_form_data(fields)


@pytest.fixture
def editor(client_of):
    return client_of("secretariat")


@pytest.fixture
def standard(editor, section):
    response = editor.post(
        f"/admin/pages/add/standards/standardpage/{section.pk}/", form([clause("One"), clause("Two"), clause("Three")])
    )
    assert response.status_code == 302
    return StandardPage.objects.get()


def stored(page: StandardPage) -> list[dict[str, Any]]:
    """The clauses of a page as its form sends them back."""
    found = []
    for item in page.clauses.all():
        name = item.text.removeprefix("<p>").partition("<")[0]
        found.append(clause(name, str(item.number), id=str(item.pk)))
    return found


def edit(editor, page: StandardPage, clauses: list[dict[str, Any]], initial: int, out: int | None = None, **how: Any):
    data = form(clauses, initial=initial, **how)
    if out is not None:
        data[f"clauses-{out}-DELETE"] = "1"
    return editor.post(f"/admin/pages/{page.pk}/edit/", data)


def test_new_clauses_are_numbered_in_their_order(standard):
    assert [item.number for item in standard.clauses.all()] == [1, 2, 3]
    assert standard.last_number == 3


def test_the_form_opens_again_and_shows_numbers_that_cannot_be_changed(editor, standard):
    response = editor.get(f"/admin/pages/{standard.pk}/edit/")
    fields = [form.fields["number"] for form in response.context["form"].formsets["clauses"].forms]
    assert [field.disabled for field in fields] == [True, True, True]


def test_a_number_sent_for_an_old_clause_changes_nothing(editor, standard):
    clauses = stored(standard)
    clauses[0]["number"] = "9"
    assert edit(editor, standard, clauses, 3).status_code == 302
    assert [item.number for item in StandardPage.objects.get().clauses.all()] == [1, 2, 3]


def test_the_number_of_a_clause_taken_out_is_never_given_again(editor, standard):
    assert edit(editor, standard, stored(standard), 3, out=2).status_code == 302
    page = StandardPage.objects.get()
    assert [item.number for item in page.clauses.all()] == [1, 2]
    assert edit(editor, page, [*stored(page), clause("Four")], 2).status_code == 302
    assert [item.number for item in StandardPage.objects.get().clauses.all()] == [1, 2, 4]


def test_asking_for_a_number_that_was_used_before_is_refused_beside_the_field(editor, standard):
    edit(editor, standard, stored(standard), 3, out=2)
    page = StandardPage.objects.get()
    response = edit(editor, page, [*stored(page), clause("Four", "3")], 2)
    assert response.status_code == 200
    errors = response.context["form"].formsets["clauses"].forms[2].errors
    assert "had this number before" in str(errors["number"])


def test_asking_for_a_number_twice_is_refused(editor, standard):
    response = edit(editor, standard, [*stored(standard), clause("Four", "2")], 3)
    assert response.status_code == 200
    assert [item.number for item in StandardPage.objects.get().clauses.all()] == [1, 2, 3]


def test_a_number_given_in_a_draft_is_kept_and_not_given_again_when_the_draft_is_thrown_away(editor, standard):
    assert edit(editor, standard, [*stored(standard), clause("Only a draft")], 3, publish=False).status_code == 302
    page = StandardPage.objects.get()
    assert [item.number for item in page.clauses.all()] == [1, 2, 3]
    assert page.last_number == 4
    draft = page.get_latest_revision_as_object()
    assert [item.number for item in draft.clauses.all()] == [1, 2, 3, 4]
    # The draft goes on: its clause keeps its number, the next gets another.
    again = [*stored(page), clause("Only a draft", "4"), clause("One more")]
    assert edit(editor, page, again, 3, publish=False).status_code == 302
    draft = StandardPage.objects.get().get_latest_revision_as_object()
    assert [item.number for item in draft.clauses.all()] == [1, 2, 3, 4, 5]
    # Without the two of the draft, the next is still the sixth.
    assert edit(editor, page, [*stored(page), clause("Another way")], 3).status_code == 302
    assert [item.number for item in StandardPage.objects.get().clauses.all()] == [1, 2, 3, 6]


def test_reordering_clauses_keeps_their_numbers(editor, standard):
    data = form(stored(standard), initial=3)
    for place in range(3):
        data[f"clauses-{place}-ORDER"] = str(3 - place)
    assert editor.post(f"/admin/pages/{standard.pk}/edit/", data).status_code == 302
    assert [item.number for item in StandardPage.objects.get().clauses.all()] == [3, 2, 1]


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"scope": "context"}, "context", "Say for which context"),
        ({"context": "Custody"}, "scope", "no context"),
        ({"number": "0"}, "number", "greater than or equal to 1"),
        ({"number": "-1"}, "number", "greater than or equal to"),
        ({"number": "x"}, "number", "whole number"),
        ({"scope": "galaxy"}, "scope", "valid choice"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(editor, section, fields, field, words):
    response = editor.post(
        f"/admin/pages/add/standards/standardpage/{section.pk}/", form([{**clause("One"), **fields}])
    )
    assert response.status_code == 200
    assert words in str(response.context["form"].formsets["clauses"].forms[0].errors[field])
    assert not StandardPage.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"), [({"number": "6"}, "number"), ({"edition": ""}, "edition"), ({"status": "x"}, "status")]
)
def test_the_page_refuses_wrong_numbers_in_words(editor, section, changes, field):
    response = editor.post(f"/admin/pages/add/standards/standardpage/{section.pk}/", form([], **changes))
    assert response.status_code == 200
    assert field in response.context["form"].errors
