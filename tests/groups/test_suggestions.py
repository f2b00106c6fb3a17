"""Suggestions to pages: who may give them, who reads them, and what the giver learns of them."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.core import mail

from core.models import HubPage
from groups.records import Suggestion
from groups.suggesting import MOST_A_DAY, parts_of
from members.models import today
from resources.models import ResourcePage
from tests import personas
from tests.meanwhile import meanwhile

pytestmark = pytest.mark.django_db

MEMBERS = {name for name in personas.NAMES if name not in ("anonymous", "lapsed")}
IN_GROUP = {"group_associate", "group_full", "author", "lead"}
NAMES = sorted(personas.NAMES)


@pytest.fixture
def publish(make_home):
    """Make a page below the home of a group: ``publish("members")``."""
    homes = {}

    def make(audience: str = "members", slug: str = personas.GROUP, **fields) -> HubPage:
        if slug not in homes:
            homes[slug] = make_home(slug, audience="public")
        body = [
            ("heading", {"level": "2", "text": "Before you begin", "anchor": "begin"}),
            ("paragraph", "<p>First words of the paragraph[^1] that stands here.</p>"),
        ]
        page = ResourcePage(title=f"Page {audience}", audience=audience, body=body, **fields)
        above = HubPage.objects.get(pk=homes[slug].pk).specific
        return above.add_child(instance=page)

    return make


def sent(**fields: object) -> dict[str, object]:
    return {"key": uuid.uuid4(), "block": "", "words": "It should say more.", **fields}


def address(page: HubPage) -> str:
    return f"/contribute/suggestion/{page.pk}/"


def give(page: HubPage, giver, **fields) -> Suggestion:
    return Suggestion.objects.create(page=page.hubpage_ptr, giver=giver, words="zxwords", **fields)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("audience", ["public", "members", "full", "group", "group_full"])
def test_who_may_read_a_page_may_suggest_a_change_to_it(name, audience, client_of, publish):
    page, visitor = publish(audience), client_of(name)
    may = name in MEMBERS and visitor.get(page.url).status_code == 200
    assert visitor.get(address(page)).status_code == (200 if may else 404)
    assert visitor.post(address(page), sent()).status_code == (302 if may else 404)
    assert Suggestion.objects.count() == int(may)
    links = f'href="{address(page)}"' in visitor.get(page.url).content.decode()
    assert links == (may and name != "secretariat")


def test_sections_and_home_pages_take_no_suggestions(client_of, home, section):
    for page in (home, section):
        assert client_of("full").get(address(page)).status_code == 404
    assert "Suggest a change" not in client_of("full").get("/groups/").content.decode()


def test_a_suggestion_points_at_a_block_and_keeps_how_it_began(client_of, publish):
    page, visitor = publish(), client_of("associate")
    parts = parts_of(page)
    assert list(parts.values()) == ["Before you begin", "— First words of the paragraph that stands here."]
    block = list(parts)[1]
    visitor.post(address(page), sent(block=block, by_name="on"))
    given = Suggestion.objects.get()
    assert (given.block, given.quote) == (block, "First words of the paragraph that stands here.")
    assert given.by_name
    answer = visitor.post(address(page), sent(block="no-such-block"))
    assert "block" in answer.context["form"].errors


def test_a_block_of_a_long_anchor_is_suggested_to(client_of, publish):
    page = publish()
    page.body = [("heading", {"level": "2", "text": "A long heading", "anchor": "long-" * 18})]
    page.save()
    answer = client_of("full").post(address(page), sent(block="long-" * 18))
    assert answer.status_code == 302
    assert Suggestion.objects.get().block == "long-" * 18


def test_sent_twice_it_is_one(client_of, publish):
    page, form = publish(), sent()
    for _time in range(2):
        assert client_of("full").post(address(page), form).url == "/contribute/thanks/"
    assert Suggestion.objects.count() == 1


def test_sent_twice_at_once_it_is_one_and_leads_are_told_once(client_of, publish, django_capture_on_commit_callbacks):
    page, form = publish(), sent()

    def first():
        client_of("full").post(address(page), form)

    with django_capture_on_commit_callbacks(execute=True), meanwhile(first, after="COUNT("):
        answer = client_of("full").post(address(page), form)
    assert answer.url == "/contribute/thanks/"
    assert Suggestion.objects.count() == 1
    assert len(mail.outbox) == 1


def test_nothing_typed_is_lost_and_limits_are_said(client_of, publish):
    page, visitor = publish(), client_of("full")
    assert "Up to 2,000 characters" in visitor.get(address(page)).content.decode()
    for words in ("", "y" * 2001):
        answer = visitor.post(address(page), sent(words=words))
        assert answer.status_code == 200
        assert "words" in answer.context["form"].errors
        assert words in answer.content.decode()


def test_twenty_a_day_are_enough(client_of, publish, people):
    page, visitor = publish(), client_of("full")
    for _number in range(MOST_A_DAY):
        give(page, people["full"])
    answer = visitor.post(address(page), sent(words="One too many"))
    assert answer.status_code == 200
    assert "as many as one can" in answer.content.decode()
    assert "One too many" in answer.content.decode()
    assert client_of("seat").post(address(page), sent()).status_code == 302


@pytest.mark.parametrize("name", NAMES)
def test_leads_of_the_pages_group_and_the_secretariat_read_it(name, client_of, publish, people):
    row = give(publish(), people["full"])
    visitor = client_of(name)
    listed = visitor.get("/suggestions/")
    assert listed.status_code == (200 if name in ("lead", "otherlead", "secretariat") else 404)
    may = name in ("lead", "secretariat")
    assert (b"zxwords" in listed.content) == may
    assert visitor.get(f"/suggestions/{row.pk}/").status_code == (200 if may else 404)
    answer = visitor.post(f"/suggestions/{row.pk}/", {"state": "taken", "answer": "Thank you"})
    assert answer.status_code == (302 if may else 404)
    row.refresh_from_db()
    assert row.state == ("taken" if may else "waiting")


def test_a_lead_who_may_not_read_a_page_does_not_read_what_was_said_to_it(client_of, publish, people):
    row = give(publish("group_full"), people["group_full"])
    people["lead"].memberships.all().delete()
    personas.member(people["lead"], "associate", *days())
    assert client_of("lead").get("/suggestions/").status_code == 200
    assert client_of("lead").get(f"/suggestions/{row.pk}/").status_code == 404


def days():
    """A membership that holds today."""
    return today() - timedelta(days=1), today() + timedelta(days=9)


def test_suggestions_to_pages_of_no_group_are_the_secretariats(client_of, home, people, make_page):
    page = make_page("Plain", audience="public")
    row = give(page, people["full"])
    assert client_of("lead").get(f"/suggestions/{row.pk}/").status_code == 404
    assert client_of("secretariat").get(f"/suggestions/{row.pk}/").status_code == 200


def test_the_giver_learns_what_became_of_it_and_nobody_else_does(client_of, publish, people):
    page = publish()
    row = give(page, people["full"], quote="zxquote")
    client_of("lead").post(f"/suggestions/{row.pk}/", {"state": "declined", "answer": "Not now, thank you"})
    html = client_of("full").get("/contribute/").content.decode()
    for words in ("zxwords", "not taken up", "Not now, thank you", page.title):
        assert words in html
    # What stood there may have been taken back since.
    assert "zxquote" not in html
    assert "zxwords" not in client_of("seat").get("/contribute/").content.decode()


def test_a_page_that_closed_is_not_named_to_the_giver(client_of, publish, people):
    row = give(publish("full"), people["full"], quote="zxquote")
    people["full"].memberships.all().delete()
    personas.member(people["full"], "associate", *days())
    html = client_of("full").get("/contribute/").content.decode()
    assert row.words in html
    assert "zxquote" not in html
    assert row.page.title not in html


def test_an_unknown_state_is_refused(client_of, publish, people):
    row = give(publish(), people["full"])
    answer = client_of("lead").post(f"/suggestions/{row.pk}/", {"state": "gone", "answer": "y" * 501})
    assert answer.status_code == 200
    assert set(answer.context["form"].errors) == {"state", "answer"}


def test_a_person_who_goes_takes_what_he_gave_along(publish, people):
    give(publish(), people["full"])
    people["full"].delete()
    assert not Suggestion.objects.exists()


def test_leads_are_told_of_the_first_that_waits_and_not_of_each(
    client_of, publish, people, django_capture_on_commit_callbacks
):
    page = publish()
    with django_capture_on_commit_callbacks(execute=True):
        for _number in range(3):
            client_of("full").post(address(page), sent(words="zxwords"))
    (message,) = mail.outbox
    assert message.to == [people["lead"].email]
    for word in ("zxwords", page.title, "A full", personas.GROUP):
        assert word not in message.subject + message.body
