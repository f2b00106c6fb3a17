"""The secretariat works on the vocabulary and on recommendations; nobody else comes near them."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from wagtail.test.utils.form_data import inline_formset, nested_form_data

from core import vocabulary
from core.models import BestBet, Concept, Term
from core.models.vocabulary import MOST_TERMS
from hub.models import HomePage
from tests import personas

pytestmark = pytest.mark.django_db

LIST = "/admin/snippets/core/concept/"
ADD = f"{LIST}add/"
PINS = "/admin/snippets/core/bestbet/"
EXPORT, IMPORT = "/admin/vocabulary/export/", "/admin/vocabulary/import/"


@pytest.fixture
def people() -> dict[str, Any]:
    return personas.make_personas()


@pytest.fixture
def office(people: dict[str, Any]) -> Client:
    """The secretariat's browser, with nothing in the vocabulary yet."""
    Concept.objects.all().delete()
    client = Client()
    client.force_login(people["secretariat"])
    return client


def form(name: str, *terms: dict[str, Any], **more: Any) -> dict[str, Any]:
    """What the browser sends for a concept."""
    rows = [{"language": "en", "kind": "synonym", **term} for term in terms]
    old = sum("id" in row for row in rows)
    return nested_form_data({"name": name, "note": "", "terms": inline_formset(rows, initial=old), **more})


def errors(answer: Any) -> str:
    """All that the form says is wrong."""
    assert answer.status_code == 200, answer.url
    shown = answer.context["form"]
    said = [*shown.non_field_errors(), *(each for few in shown.errors.values() for each in few)]
    said += [each for row in shown.formsets["terms"].errors for few in row.values() for each in few]
    return "\n".join(map(str, said))


def told(answer: Any) -> list[str]:
    """What the office is told on the page that comes then."""
    return [str(message).strip() for message in answer.context["messages"]]


def named(query: str) -> list[str]:
    now = vocabulary.current()
    return [each.term.words for found in now.named(query.split()) for each in now.beside(found)]


def related(query: str) -> list[str]:
    now = vocabulary.current()
    return [each.term.words for terms in now.related(now.named(query.split()), ["en"]) for each in terms]


def test_a_concept_is_made_changed_and_deleted(office: Client) -> None:
    other = Concept.objects.create(name="Coffee")
    Term.objects.create(concept=other, language="en", words="coffee", kind="preferred")
    sent = form("Tea", {"words": "tea", "kind": "preferred"}, {"words": " grüner  Tee ", "language": "de"})
    answer = office.post(ADD, {**sent, "related": [other.pk]}, follow=True)
    assert answer.status_code == 200
    made = Concept.objects.get(name="Tea")
    assert set(made.terms.values_list("words", "language", "kind")) == {
        ("tea", "en", "preferred"),
        ("grüner Tee", "de", "synonym"),
    }
    assert (named("tea"), related("tea")) == (["grüner Tee"], ["coffee"])
    assert (named("coffee"), related("coffee")) == ([], ["tea"])
    first, second = made.terms.get(language="en"), made.terms.get(language="de")
    change = f"{LIST}edit/{made.pk}/"
    assert office.get(change).status_code == 200
    rows = [{"words": "tea", "id": first.pk, "kind": "preferred"}, {"words": "x", "id": second.pk, "DELETE": "on"}]
    assert office.post(change, form("Tea", *rows, {"words": "chai"})).status_code == 302
    assert named("tea") == ["chai"]
    assert office.post(f"{LIST}delete/{made.pk}/").status_code == 302
    assert named("tea") == []


def test_terms_may_change_places_in_one_saving(office: Client) -> None:
    made = Concept.objects.create(name="Tea")
    one = Term.objects.create(concept=made, language="en", words="tea", kind="preferred")
    two = Term.objects.create(concept=made, language="en", words="chai")
    rows = [{"words": "chai", "id": one.pk}, {"words": "tea", "id": two.pk, "kind": "preferred"}]
    assert office.post(f"{LIST}edit/{made.pk}/", form("Tea", *rows)).status_code == 302
    assert list(made.terms.order_by("pk").values_list("words", "kind")) == [("chai", "synonym"), ("tea", "preferred")]


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ([], "needs at least one term"),
        ([{"words": "tea"}, {"words": "Tea"}], "“tea” stands here twice in English"),
        ([{"words": "thé", "language": "fr"}, {"words": "the", "language": "fr"}], "twice in French"),
        (
            [{"words": "tea", "kind": "preferred"}, {"words": "chai", "kind": "preferred"}],
            "Only one term can be preferred in English, here are 2",
        ),
        ([{"words": "the"}], "“the” has no word to search for"),
        ([{"words": "!"}], "“!” has no word to search for"),
        ([{"words": "a1 b2 c3 d4 e5 f6 g7 h8 i9"}], "can have 8 words, this has 9"),
        ([{"words": "x" * 101}], "at most 100 characters"),
        ([{"words": "tea", "language": "xx"}], "Select a valid choice"),
        ([{"words": f"tea{number}"} for number in range(MOST_TERMS + 1)], f"can have {MOST_TERMS} terms, this has"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(office: Client, terms: list[dict[str, Any]], said: str) -> None:
    assert said in errors(office.post(ADD, form("Tea", *terms)))
    assert not Concept.objects.exists()


def test_a_name_is_used_once(office: Client) -> None:
    Concept.objects.create(name="Tea")
    assert "already exists" in errors(office.post(ADD, form("Tea", {"words": "tea"})))


def test_what_may_be_meant_is_saved_with_a_warning(office: Client) -> None:
    other = Concept.objects.create(name="Evening meal")
    Term.objects.create(concept=other, language="en", words="Tea")
    answer = office.post(ADD, form("Tea", {"words": "tea"}, {"words": "with the tea cup"}), follow=True)
    assert any("“tea” also stands in: Evening meal." in each for each in told(answer))
    assert not any("cup" in each for each in told(answer))
    answer = office.post(ADD, form("Do no harm", {"words": "do no harm"}), follow=True)
    assert any("Of “do no harm” only “harm” is looked for" in each for each in told(answer))


def test_the_list_is_searched_and_filtered(office: Client) -> None:
    tea, coffee = Concept.objects.create(name="Tea"), Concept.objects.create(name="Coffee")
    Term.objects.create(concept=tea, language="en", words="tea leaf", kind="preferred")
    Term.objects.create(concept=tea, language="de", words="tea bag", to_check=True)
    Term.objects.create(concept=coffee, language="en", words="mocha", kind="preferred")

    def listed(query: str) -> list[str]:
        answer = office.get(f"{LIST}{query}")
        assert answer.status_code == 200
        return [concept.name for concept in answer.context["object_list"]]

    assert listed("") == ["Coffee", "Tea"]
    assert listed("?q=tea") == ["Tea"]
    assert listed("?q=moch") == ["Coffee"]
    assert listed("?language=de") == ["Tea"]
    assert listed("?without=de") == ["Coffee"]
    assert listed("?to_check=de") == ["Tea"]
    assert listed("?to_check=en") == []
    assert "tea leaf (en)" in office.get(LIST).content.decode()


def test_the_list_costs_the_same_for_few_and_many(office: Client, django_assert_max_num_queries: Any) -> None:
    for number in range(40):
        Term.objects.create(concept=Concept.objects.create(name=f"C{number}"), language="en", words=f"w{number}")
    office.get(LIST)
    with django_assert_max_num_queries(25):
        assert len(office.get(LIST).context["object_list"]) == 40


# As a file


def upload(client: Client, text: str | bytes) -> Any:
    raw = text if isinstance(text, bytes) else text.encode()
    return client.post(IMPORT, {"file": SimpleUploadedFile("v.csv", raw, "text/csv")}, follow=True)


def test_a_word_of_the_address_begins_a_concept(office: Client) -> None:
    html = office.get(f"{ADD}?word=Thermos+%00kan").content.decode()
    sent = {
        name: value
        for name, value in re.findall(r'<input type="(?:text|hidden)" name="([a-z]+[^"]*)" value="([^"]*)"', html)
        if name == "name" or name.startswith("terms-")
    }
    assert sent["name"] == sent["terms-0-words"] == "Thermos  kan"
    sent |= {"terms-0-id": "", "terms-0-language": "en", "terms-0-kind": "synonym", "terms-0-ORDER": "1", "note": ""}
    assert office.post(ADD, sent).status_code == 302
    assert [term.words for term in Concept.objects.get(name="Thermos  kan").terms.all()] == ["Thermos kan"]
    assert 'name="terms-0-words"' not in office.get(f"{ADD}?word=+%00").content.decode()


def test_what_is_saved_as_a_file_is_read_again_and_changes_nothing(office: Client) -> None:
    tea, coffee = Concept.objects.create(name="Tea", note="A, drink"), Concept.objects.create(name="Coffee")
    tea.related.add(coffee)
    Term.objects.create(concept=tea, language="en", words="-tea", kind="preferred")
    Term.objects.create(concept=tea, language="de", words="Tee", kind="hidden", to_check=True)
    Term.objects.create(concept=coffee, language="en", words="coffee")
    answer = office.get(EXPORT)
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows == [
        ["concept", "language", "kind", "term", "to_check", "related", "note"],
        ["Coffee", "en", "synonym", "coffee", "", "Tea", ""],
        ["Tea", "de", "hidden", "Tee", "yes", "Coffee", "A, drink"],
        ["Tea", "en", "preferred", "'-tea", "", "", ""],
    ]
    assert told(upload(office, answer.content)) == ["0 new terms, 0 new concepts, 0 terms changed"]
    Concept.objects.all().delete()
    assert told(upload(office, answer.content)) == ["3 new terms, 2 new concepts, 0 terms changed"]
    assert office.get(EXPORT).content == answer.content


def test_a_file_adds_and_changes_and_takes_nothing_away(office: Client) -> None:
    tea = Concept.objects.create(name="Tea", note="Ours")
    Term.objects.create(concept=tea, language="en", words="tea", kind="preferred")
    Term.objects.create(concept=tea, language="en", words="chai")
    text = "concept;language;kind;term\nTea;en;preferred;Chai\nTea;de;;Tee\n;;;\n"
    assert told(upload(office, text)) == ["1 new term, 0 new concepts, 2 terms changed"]
    assert set(tea.terms.values_list("words", "kind")) == {
        ("tea", "synonym"),
        ("chai", "preferred"),
        ("Tee", "synonym"),
    }
    tea.refresh_from_db()
    assert tea.note == "Ours"
    assert named("tea") == ["chai", "Tee"]


HEAD = "concept,language,kind,term,related\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Missing"),
        ("a,b\n1,2\n", "Missing: concept, language, term."),
        ("concept,language,kind\nTea,en,hidden\n", "Missing: term."),
        (HEAD, "no terms"),
        (HEAD + ",en,,tea,", "Row 2: the concept is missing"),
        (HEAD + "Tea,xx,,tea,", "Row 2: “xx” is no language code"),
        (HEAD + "Tea,,,tea,", "“” is no language code"),
        (HEAD + "Tea,en,best,tea,", "“best” is no kind"),
        (HEAD + "Tea,en,,the,", "“the” must have 1 to 8 words"),
        (HEAD + "Tea,en,,tea,\nTea,en,,TEA,", "Row 3: “TEA” stands twice"),
        (HEAD + "Tea,en,preferred,tea,\nTea,en,preferred,chai,", "Row 3: the concept has a preferred term"),
        (HEAD + "Tea,en,,tea,Milk", "Tea: the related concept “Milk” is not there"),
        (HEAD + f"{'x' * 101},en,,tea,", "more than 100 characters"),
        (HEAD + "".join(f"Tea,en,,tea{number},\n" for number in range(61)), "can have 60 terms"),
        (HEAD + '"Tea', "not CSV"),
        (HEAD + "Tea,en,,tea\x00,", None),
        (b"\xff\xfe\x00", "not in UTF-8"),
        (b"concept,language,kind,term\nTea,en,,\xe9", "not in UTF-8"),
        (HEAD + "Tea,en,," + "x" * 200_000 + ",", "more than 100 characters"),
    ],
    ids=lambda each: repr(each)[:40],
)
def test_a_file_that_cannot_be_used_changes_nothing_and_says_why(
    office: Client, text: str | bytes, said: str | None
) -> None:
    answer = upload(office, text)
    assert answer.status_code == 200
    if said is None:
        assert Concept.objects.count() == 1
    elif text == "":
        assert "empty" in str(answer.context["form"].errors)
    else:
        assert said in "\n".join(answer.context["problems"])
        assert not Concept.objects.exists()


def test_no_more_terms_than_a_concept_can_have_come_from_several_files(office: Client) -> None:
    upload(office, HEAD + "".join(f"Tea,en,,tea{number},\n" for number in range(40)))
    answer = upload(office, HEAD + "".join(f"Tea,de,,tee{number},\n" for number in range(21)))
    assert "would have more than 60 terms" in "\n".join(answer.context["problems"])
    assert Term.objects.count() == 40


# Recommended pages


def test_a_page_is_recommended(office: Client) -> None:
    home = HomePage.objects.get(depth=2, locale__language_code="en")
    sent = {"words": " exit  work ", "page": home.pk, "language": "", "position": "0", "until": "2030-01-31"}
    assert office.get(f"{PINS}add/").status_code == 200
    assert office.post(f"{PINS}add/", sent).status_code == 302
    made = BestBet.objects.get()
    assert (made.words, made.page_id, str(made.until)) == ("exit work", home.pk, "2030-01-31")
    assert "exit work" in office.get(PINS).content.decode()
    assert office.get(f"{PINS}edit/{made.pk}/").status_code == 200
    answer = office.post(f"{PINS}add/", {**sent, "words": "…"})
    assert "at least one word" in str(answer.context["form"].errors)


# Who


@pytest.mark.parametrize("name", [name for name in personas.NAMES if name != "secretariat"])
def test_nobody_but_the_secretariat_sees_or_changes_the_vocabulary(people: dict[str, Any], name: str) -> None:
    client, before = Client(), Concept.objects.count()
    if name != "anonymous":
        client.force_login(people[name])
    refused = 302 if name == "anonymous" else 404
    for address in (LIST, ADD, f"{LIST}edit/{Concept.objects.first().pk}/", PINS, f"{PINS}add/", EXPORT, IMPORT):
        assert client.get(address).status_code == refused, address
        assert client.post(address, form("Tea", {"words": "tea"})).status_code == refused, address
    assert Concept.objects.count() == before


def test_staff_without_the_right_are_refused_the_files(people: dict[str, Any], office: Client) -> None:
    people["secretariat"].groups.get().permissions.filter(codename__in=["add_concept", "view_concept"]).delete()
    for address in (EXPORT, IMPORT):
        answer = office.get(address)
        assert (answer.status_code, reverse("wagtailadmin_home")) == (302, answer.url), address
