"""What members say who tried a practice: for members alone, unsigned where they want, from no country too few know."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from core.audience import set_audience
from members.models import Office, today
from resources.models import ResourcePage, TriedNote
from resources.tried import FEWEST, MOST_NOTES, countries_in, digest_of, notes_on
from tests import personas

Make = Callable[..., Any]
pytestmark = pytest.mark.django_db

FORM = {
    "place": "prison",
    "adaptation": "Shorter meetings.",
    "result": "They came again.",
    "harm": "One felt watched.",
    "country": "KE",
}


def said(client: Client, page: ResourcePage) -> str:
    """The words of a page."""
    answer = client.get(page.url)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", answer.content.decode())))


def note(page: ResourcePage, user: Any, country: str = "", **fields: Any) -> TriedNote:
    """A note by somebody."""
    number = TriedNote.objects.count()
    given = {
        "place": "prison",
        "result": f"Result {number}.",
        "by": digest_of(user),
        "sent": f"form-{number}",
        **fields,
    }
    return TriedNote.objects.create(page=page, user=user, country=country, **given)


def crowd(number: int) -> list[Any]:
    """So many members."""
    return [personas.make_user(f"crowd-{n}") for n in range(number)]


# Writing --------------------------------------------------------------------------------------------


def test_a_member_writes_a_note_and_a_form_sent_twice_makes_one(make_resource: Make, client_of: Make) -> None:
    page = make_resource("A practice")
    client = client_of("associate")
    path = f"/tried/{page.pk}/"
    assert f'href="{path}"' in client.get(page.url).content.decode()
    form = client.get(path).content.decode()
    assert "Write nothing by which a person can be known" in form
    (sent,) = re.findall(r'name="sent" value="([^"]{43})"', form)
    for _time in range(2):
        answer = client.post(path, {**FORM, "sent": sent})
        assert (answer.status_code, answer.url) == (302, f"{page.url}#tried")
    (made,) = TriedNote.objects.all()
    assert (made.country, made.place, made.shows_name) == ("KE", "prison", False)
    words = said(client, page)
    for part in ("They came again.", "Shorter meetings.", "One felt watched.", "a member", "(you)"):
        assert part in words
    assert "Kenya" not in words
    client.post(path, {**FORM, "sent": "another"})
    assert TriedNote.objects.count() == 2


def test_two_clicks_at_once_make_one_note(make_resource: Make, people: Any, client_of: Make) -> None:
    """The other request writes its note between this one's look and its writing."""
    page = make_resource("A practice")
    other: list[TriedNote] = []

    def meanwhile(execute: Make, sql: str, *rest: Any) -> Any:
        found = execute(sql, *rest)
        if "twice" in str(rest[0]) and "SELECT" in sql and not other:
            other.append(TriedNote(page=page, user=people["associate"], by=digest, sent="twice", place="prison"))
            other[0].save()
        return found

    digest = digest_of(people["associate"])
    client = client_of("associate")
    with connection.execute_wrapper(meanwhile):
        answer = client.post(f"/tried/{page.pk}/", {**FORM, "sent": "twice"})
    assert (answer.status_code, answer.url) == (302, f"{page.url}#tried")
    assert list(TriedNote.objects.all()) == other


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"result": ""}, "required"),
        ({"result": "x" * 1001}, "at most 1000 characters"),
        ({"place": "moon"}, "Select a valid choice"),
        ({"country": "XX"}, "Select a valid choice"),
    ],
)
def test_a_note_that_lacks_something_is_refused_and_nothing_is_lost(
    make_resource: Make, client_of: Make, change: dict[str, str], word: str
) -> None:
    page = make_resource("A practice")
    answer = client_of("associate").post(f"/tried/{page.pk}/", {**FORM, **change})
    assert answer.status_code == 200
    assert word in answer.content.decode()
    assert "Shorter meetings." in answer.content.decode()
    assert not TriedNote.objects.exists()


def test_there_are_limits(make_resource: Make, people: Any, client_of: Make) -> None:
    page = make_resource("A practice")
    for _number in range(MOST_NOTES):
        note(page, people["associate"])
    answer = client_of("associate").post(f"/tried/{page.pk}/", FORM)
    assert "as many as one can" in answer.content.decode()
    assert "They came again." in answer.content.decode()
    assert TriedNote.objects.count() == MOST_NOTES


def test_one_changes_and_deletes_ones_own_note_alone(make_resource: Make, people: Any, client_of: Make) -> None:
    page = make_resource("A practice")
    made = note(page, people["associate"], "KE")
    path = f"/tried/{page.pk}/{made.pk}/"
    for name in ("full", "lead", "secretariat"):
        assert client_of(name).get(path).status_code == 404
        assert client_of(name).post(path, {"delete": "1"}).status_code == 404
    client = client_of("associate")
    assert "Country" not in client.get(path).content.decode()
    client.post(path, {**FORM, "result": "Better words.", "country": "DE", "shows_name": "on"})
    made.refresh_from_db()
    assert (made.result, made.country, made.shows_name) == ("Better words.", "KE", True)
    assert "A associate" in said(client_of("full"), page)
    assert client.post(path, {"delete": "1"}).status_code == 302
    made.refresh_from_db()
    assert (made.result, made.adaptation, made.harm, made.place, made.user, made.shows_name) == (
        "",
        "",
        "",
        "",
        None,
        False,
    )
    assert client.get(path).status_code == 404
    assert "Better words." not in said(client, page)


# Who reads ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("audience", ["public", "members", "full", "group"])
def test_notes_are_read_by_members_who_may_read_the_page(
    make_resource: Make, people: Any, client_of: Make, audience: str
) -> None:
    page = make_resource("A practice", audience=audience)
    made = note(page, people["lead"])
    readers = {
        "public": {"student", "associate", "full", "lead", "secretariat"},
        "members": {"student", "associate", "full", "lead", "secretariat"},
        "full": {"full", "lead", "secretariat"},
        "group": {"lead", "secretariat"},
    }[audience]
    for name in ("anonymous", "lapsed", "student", "associate", "full", "lead", "secretariat"):
        client = client_of(name)
        assert (made.result in client.get(page.url).content.decode()) == (name in readers), name
        for deed in ("", f"{made.pk}/report/"):
            status = client.get(f"/tried/{page.pk}/{deed}").status_code
            may = name in readers and (deed != "" or name != "secretariat")
            assert status == (302 if name == "anonymous" else 200 if may else 404), (name, deed)


def test_only_practices_and_tools_are_tried(make_resource: Make, client_of: Make) -> None:
    page = make_resource("A study", resource_kind="research")
    client = client_of("associate")
    assert "Who tried it" not in said(client, page)
    assert client.get(f"/tried/{page.pk}/").status_code == 404


def test_notes_on_a_stricter_version_stay_with_its_readers(
    make_resource: Make, people: Any, client_of: Make, home: Any
) -> None:
    from wagtail.models import Locale

    page = make_resource("A practice")
    german = page.copy_for_translation(Locale.objects.get(language_code="de"), copy_parents=True)
    german.title = "Eine Praxis"
    german.save_revision().publish()
    set_audience(german, "full", all_languages=False)
    note(german, people["full"], result="Wie es ging.")
    assert "Wie es ging." in said(client_of("full"), page)
    assert "Wie es ging." not in said(client_of("associate"), page)


# Countries ------------------------------------------------------------------------------------------


def told(page: ResourcePage, viewer: Any, own: tuple[str, ...] = ()) -> Any:
    return countries_in(notes_on(page, viewer), own)


@pytest.fixture
def seen_by_all(people: Any) -> Any:
    from core.access import viewer_for

    return viewer_for(people["associate"])


def test_a_country_is_named_from_three_members_on(make_resource: Make, client_of: Make, seen_by_all: Any) -> None:
    page = make_resource("A practice")
    members = crowd(9)
    for member in members[: FEWEST - 1]:
        note(page, member, "KE")
    assert told(page, seen_by_all) is None
    note(page, members[2], "DE")
    assert (told(page, seen_by_all).number, told(page, seen_by_all).named) == (2, [])
    words = said(client_of("associate"), page)
    assert "Tried in 2 countries" in words
    assert "Kenya" not in words
    for member, country in zip(members[3:6], ("KE", "FR", "IT"), strict=True):
        note(page, member, country)
    assert (told(page, seen_by_all).number, told(page, seen_by_all).named) == (4, ["Kenya"])
    words = said(client_of("associate"), page)
    assert "Tried in 4 countries" in words
    assert "among them Kenya" in words
    assert not {"Germany", "France", "Italy"} & set(words.split())


def test_one_member_who_writes_often_counts_once(make_resource: Make, seen_by_all: Any) -> None:
    page = make_resource("A practice")
    first, *others = crowd(5)
    for _time in range(5):
        note(page, first, "KE")
    for other in others[:2]:
        note(page, other, "DE")
    assert told(page, seen_by_all).named == []


def test_one_member_counts_once_after_the_secret_was_changed(
    make_resource: Make, client_of: Make, people: Any, seen_by_all: Any, settings: Any
) -> None:
    page = make_resource("A practice")
    client = client_of("associate")
    path = f"/tried/{page.pk}/"
    client.post(path, {**FORM, "sent": "before"})
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another secret of the hub", [settings.SECRET_KEY]
    client.post(path, {**FORM, "sent": "after"})
    client.post(path, {**FORM, "sent": "before"})
    assert TriedNote.objects.count() == 2
    assert len(set(TriedNote.objects.values_list("by", flat=True))) == 1
    members = crowd(2)
    note(page, members[0], "KE")
    assert told(page, seen_by_all) is None  # two members
    note(page, members[1], "KE")
    assert told(page, seen_by_all).named == ["Kenya"]
    assert "Kenya" not in said(client, page)  # one's own notes of before are one's own
    assert "Kenya" in said(client_of("full"), page)


def test_one_or_two_notes_more_change_nothing_that_is_told(make_resource: Make, seen_by_all: Any) -> None:
    page = make_resource("A practice")
    members = crowd(9)
    for member in members[:6]:
        note(page, member, "KE")
    before = told(page, seen_by_all)
    for member, country in zip(members[6:8], ("DE", "FR"), strict=True):
        note(page, member, country)
        assert told(page, seen_by_all) == before
    note(page, members[8], "IT")
    assert told(page, seen_by_all).number == 4


def test_nobody_learns_by_a_note_of_his_own(
    make_resource: Make, client_of: Make, people: Any, seen_by_all: Any
) -> None:
    """Somebody who writes from Kenya must not see by what is told then whether two others did."""
    with_two, without = make_resource("With two"), make_resource("Without")
    members = crowd(4)
    for page, countries in ((with_two, ["KE", "KE", "DE"]), (without, ["FR", "IT", "DE"])):
        for member, country in zip(members, countries, strict=False):
            note(page, member, country)
    client = client_of("associate")
    for page in (with_two, without):
        for number in range(FEWEST):
            client.post(f"/tried/{page.pk}/", {**FORM, "sent": f"s{number}"})
            words = said(client, page)
            assert "Kenya" not in words
            assert f"Tried in {2 if page is with_two else 3} countries" in words


def test_a_note_that_goes_changes_nothing_that_is_told(make_resource: Make, client_of: Make, people: Any) -> None:
    page = make_resource("A practice")
    notes = [note(page, people[name], "KE") for name in ("associate", "full", "lead")]
    reader = client_of("student")
    assert "Tried in 1 country Kenya" in said(reader, page)
    client_of("associate").post(f"/tried/{page.pk}/{notes[0].pk}/", {"delete": "1"})
    client_of("secretariat").post(f"/tried/{page.pk}/{notes[1].pk}/remove/", {"reason": "It names somebody."})
    people["lead"].delete()
    words = said(reader, page)
    assert "Tried in 1 country Kenya" in words
    assert "Result 0." not in words
    assert "Result 1." not in words
    assert "Result 2." in words  # of the account that is gone, without its name


# Reporting and taking away --------------------------------------------------------------------------


def test_a_note_is_reported_to_those_who_may_take_it_away(
    make_resource: Make,
    people: Any,
    client_of: Make,
    groups: Any,
    mailoutbox: list[Any],
    django_capture_on_commit_callbacks: Make,
) -> None:
    page = make_resource("A practice", working_group=groups[personas.GROUP])
    made = note(page, people["associate"], shows_name=True)
    with django_capture_on_commit_callbacks(execute=True):
        for _time in range(2):
            client_of("full").post(f"/tried/{page.pk}/{made.pk}/report/", {"reason": "It names my client."})
    (mail,) = mailoutbox
    assert mail.to == ["lead@example.org"]
    assert "/tried/reported/" in mail.body
    for word in ("A practice", "client", "A full", "Result", page.slug):
        assert word not in mail.subject + mail.body
    for name, status in (("lead", 200), ("secretariat", 200), ("otherlead", 200), ("full", 404), ("lapsed", 404)):
        listed = client_of(name).get("/tried/reported/")
        assert listed.status_code == status
        assert (b"It names my client." in listed.content) == (name in ("lead", "secretariat"))
    for name in ("lead", "secretariat"):
        assert "Reported: It names my client." in said(client_of(name), page)
    for name in ("student", "author", "otherlead", "associate", "full"):
        assert "It names my client." not in said(client_of(name), page)
        assert client_of(name).get(f"/tried/{page.pk}/{made.pk}/remove/").status_code == 404
        assert client_of(name).post(f"/tried/{page.pk}/{made.pk}/remove/", {"reason": "x"}).status_code == 404
    lead = client_of("lead")
    assert "required" in lead.post(f"/tried/{page.pk}/{made.pk}/remove/", {"reason": ""}).content.decode()
    form = lead.get(f"/tried/{page.pk}/{made.pk}/remove/").content.decode()
    assert form.count("It names my client.") == 1  # to be read, not in the field of what goes into the log
    assert "Reported: <bdi>It names my client.</bdi>" in re.sub(r"\s+", " ", form)
    lead.post(f"/tried/{page.pk}/{made.pk}/remove/", {"keep": "1"})
    assert "Reported" not in said(lead, page)
    lead.post(f"/tried/{page.pk}/{made.pk}/remove/", {"reason": "It names somebody."})
    made.refresh_from_db()
    assert (made.result, made.user, made.removed_because) == ("", None, "It names somebody.")
    assert "Result 0." not in said(client_of("student"), page)


def test_each_who_leads_is_told_once_and_else_the_secretariat(
    make_resource: Make,
    people: Any,
    client_of: Make,
    groups: Any,
    mailoutbox: list[Any],
    django_capture_on_commit_callbacks: Make,
) -> None:
    lead = people["lead"]
    term = lead.offices.get()
    term.ends_on = today() + timedelta(days=1)
    term.save()
    Office.objects.create(user=lead, group=term.group, role=Office.Role.LEAD, starts_on=today())
    page = make_resource("A practice", working_group=groups[personas.GROUP])

    def told() -> list[str]:
        mailoutbox.clear()
        made = note(page, people["associate"])
        with django_capture_on_commit_callbacks(execute=True):
            client_of("full").post(f"/tried/{page.pk}/{made.pk}/report/", {"reason": "It names my client."})
        return [address for mail in mailoutbox for address in mail.to]

    assert told() == ["lead@example.org"]
    lead.memberships.all().delete()  # an office of somebody who is no member opens nothing
    assert told() == ["secretariat@example.org"]


def test_a_report_is_kept_where_the_mail_fails(
    make_resource: Make,
    people: Any,
    client_of: Make,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Make,
) -> None:
    def fails(_page: ResourcePage) -> int:
        raise RuntimeError("no mail today")

    monkeypatch.setattr("resources.trying.tell", fails)
    page = make_resource("A practice")
    made = note(page, people["associate"])
    with django_capture_on_commit_callbacks(execute=True):
        answer = client_of("full").post(f"/tried/{page.pk}/{made.pk}/report/", {"reason": "It names my client."})
    assert answer.status_code == 302
    made.refresh_from_db()
    assert made.reported_because == "It names my client."


def test_an_account_that_is_deleted_leaves_notes_without_a_name(
    make_resource: Make, people: Any, client_of: Make
) -> None:
    page = make_resource("A practice")
    note(page, people["associate"], shows_name=True)
    reader = client_of("full")
    assert "A associate" in said(reader, page)
    people["associate"].delete()
    words = said(reader, page)
    assert "Result 0." in words
    assert "A associate" not in words
    assert "a member" in words


def test_notes_are_found_by_no_search(make_resource: Make, people: Any, client_of: Make, indexed: Make) -> None:
    page = make_resource("A practice")
    note(page, people["associate"], result="A quite unmistakable result.")
    page.save_revision().publish()
    indexed()
    assert "unmistakable result." not in client_of("full").get("/search/?q=unmistakable").content.decode()


def test_many_notes_cost_no_more_queries(
    make_resource: Make, people: Any, client_of: Make, django_assert_max_num_queries: Make
) -> None:
    page = make_resource("A practice")
    for member in crowd(12):
        note(page, member, "KE", shows_name=True)
    client = client_of("full")
    client.get(page.url)
    with django_assert_max_num_queries(14):
        client.get(page.url)
