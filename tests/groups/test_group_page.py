"""The home of a working group: what it shows to whom, and that it names people only to each other."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from wagtail.models import Locale

from core.access import viewer_for
from core.models import HubPage
from events.models import EventPage
from groups.life import with_waiting
from groups.models import WorkingGroupIndexPage, WorkingGroupPage
from groups.records import Contribution
from members.models import Participation, User, WorkingGroup
from resources.models import ResourcePage
from tests import personas

pytestmark = pytest.mark.django_db

MEMBERS = {name for name in personas.NAMES if name not in ("anonymous", "lapsed")}
IN_GROUP = {"group_associate", "group_full", "author", "lead"}
JOIN = "https://meet.example/group-room"


def publish(home: HubPage, title: str, audience: str = "members", **fields) -> HubPage:
    above = HubPage.objects.get(pk=home.pk).specific
    return above.add_child(instance=ResourcePage(title=title, audience=audience, **fields))


def plan(home: HubPage, title: str, days: int, audience: str = "members", **fields) -> EventPage:
    above = HubPage.objects.get(pk=home.pk).specific
    starts = timezone.now() + timedelta(days=days)
    return above.add_child(
        instance=EventPage(title=title, audience=audience, starts_at=starts, join_link=JOIN, **fields)
    )


@pytest.mark.parametrize("name", personas.NAMES)
def test_the_home_of_a_group_is_for_those_it_says(name, client_of, make_home):
    home = make_home(body=[("paragraph", "<p>Canary words</p>")])
    response = client_of(name).get(home.url)
    assert response.status_code == (200 if name in MEMBERS else 404)
    assert ("Canary words" in response.content.decode()) == (name in MEMBERS)


@pytest.mark.parametrize("name", personas.NAMES)
def test_who_is_in_a_group_is_shown_to_those_who_are_in_it(name, client_of, make_home):
    home = make_home(audience="public")
    html = client_of(name).get(home.url).content.decode()
    own = f"A {name}"
    for person in User.objects.all():
        assert person.email not in html
        if person.display_name != own:
            in_it = person.display_name.removeprefix("A ") in IN_GROUP
            may_know = in_it and name in IN_GROUP | {"secretariat"}
            assert (f">{person.display_name}<" in html) == may_know
    assert ("You are in this group" in html) == (name in IN_GROUP)


def test_how_many_are_in_a_group_is_said_of_one_and_of_many(client_of, make_home, people):
    home = make_home()
    lead = client_of("lead")
    assert f"All {len(IN_GROUP)} people in this group" in lead.get(home.url).content.decode()
    Participation.objects.filter(group=home.working_group).exclude(user=people["lead"]).delete()
    html = lead.get(home.url).content.decode()
    assert "1 person is in this group" in html
    assert "All 1 " not in html


@pytest.mark.parametrize("name", personas.NAMES)
def test_the_way_to_the_editor_is_shown_to_those_who_write(name, client_of, make_home):
    home, visitor = make_home(audience="public"), client_of(name)
    way = f"/admin/pages/{home.pk}/add_subpage/"
    for address in (home.url, "/working-groups/"):
        assert (way in visitor.get(address).content.decode()) == (name in ("author", "lead")), address
    assert ('href="/admin/"' in visitor.get("/account/").content.decode()) == (
        name in ("author", "lead", "secretariat", "otherlead")
    )


@pytest.mark.parametrize("name", personas.NAMES)
def test_the_latest_of_the_group_is_what_the_visitor_may_read(name, client_of, make_home):
    home = make_home(audience="public")
    publish(home, "For all", "public")
    publish(home, "For members")
    publish(home, "For the group", "group")
    html = client_of(name).get(home.url).content.decode()
    assert "For all" in html
    assert ("For members" in html) == (name in MEMBERS)
    assert ("For the group" in html) == (name in IN_GROUP | {"secretariat"})


@pytest.mark.parametrize("name", personas.NAMES)
def test_the_next_events_of_the_group_are_what_the_visitor_may_open(name, client_of, make_home):
    home = make_home(audience="public")
    plan(home, "Group evening", 3, "group")
    plan(home, "Teased meeting", 4, "members", teaser=True)
    plan(home, "Open evening", 9, "public")
    plan(home, "Long ago", -9, "public")
    html = client_of(name).get(home.url).content.decode()
    assert "Open evening" in html
    assert "Long ago" not in html
    assert ("Group evening" in html) == (name in IN_GROUP | {"secretariat"})
    assert ("Teased meeting" in html) == (name in MEMBERS)
    assert JOIN not in html


def test_events_stand_in_the_order_of_their_dates(client, make_home):
    home = make_home(audience="public")
    for title, days in [("Third", 9), ("First", 1), ("Second", 5)]:
        plan(home, title, days, "public")
    assert [event["title"] for event in client.get(home.url).context["events"]] == ["First", "Second", "Third"]


def test_what_other_groups_publish_is_not_listed(client_of, make_home):
    ours, theirs = make_home(audience="public"), make_home(personas.OTHER_GROUP, audience="public")
    publish(theirs, "From the others", "public")
    plan(theirs, "Their evening", 3, "public")
    html = client_of("full").get(ours.url).content.decode()
    assert "From the others" not in html
    assert "Their evening" not in html


def test_what_stands_below_a_group_belongs_to_the_group(make_home):
    home = make_home(audience="public")
    assert publish(home, "A practice").working_group_id == home.working_group_id
    assert plan(home, "An evening", 3).working_group_id == home.working_group_id


def test_the_agenda_is_shown_and_found(client_of, make_home):
    home = make_home(agenda="<p>Draft on siblings</p>")
    assert "Draft on siblings" in client_of("associate").get(home.url).content.decode()
    assert "Draft on siblings" in next(iter(home.search_entries())).text


@pytest.mark.parametrize("name", personas.NAMES)
def test_the_list_of_groups_shows_titles_of_open_and_teased_ones(name, client_of, make_home):
    make_home(teaser=True)
    make_home(personas.OTHER_GROUP, audience="full")
    html = client_of(name).get("/groups/").content.decode()
    may_full = {"full", "seat", "group_full", "lead", "otherlead", "secretariat", "board"}
    assert "Family and community" in html
    assert ("Prison and probation" in html) == (name in may_full)


def test_groups_are_listed_by_theme_and_by_location(client_of, section, people):
    for name, kind in [("Zeta", "theme"), ("Alpha", "theme"), ("Somewhere", "location")]:
        group = WorkingGroup.objects.create(name=name, slug=name.lower(), kind=kind)
        section.add_child(instance=WorkingGroupPage(title=name, working_group=group, audience="members"))
    context = client_of("student").get("/groups/").context
    assert [card.title for card in context["themes"]] == ["Alpha", "Zeta"]
    assert [card.title for card in context["locations"]] == ["Somewhere"]


def test_an_empty_list_speaks_to_the_visitor(client_of, section):
    assert "Sign in to see yours" in client_of("anonymous").get("/groups/").content.decode()
    assert "Every member may take part" in client_of("student").get("/groups/").content.decode()


def test_a_page_without_a_group_is_refused(section):
    with pytest.raises(ValidationError) as refused:
        section.add_child(instance=WorkingGroupPage(title="Nobody's"))
    assert "working_group" in refused.value.message_dict


def test_a_group_has_one_page_in_each_language(make_home, section):
    home = make_home()
    with pytest.raises(ValidationError) as refused:
        make_home(title="Again")
    assert "working_group" in refused.value.message_dict
    german = Locale.objects.get(language_code="de")
    above = WorkingGroupIndexPage.objects.get(locale=german)
    version = above.add_child(
        instance=WorkingGroupPage(
            title="Familie", locale=german, translation_key=home.translation_key, working_group=home.working_group
        )
    )
    assert version.pk


def test_copying_the_home_of_a_group_is_refused_in_words(client_of, make_home, section):
    home = make_home()
    response = client_of("secretariat").post(
        f"/admin/pages/{home.pk}/copy/",
        {"new_title": "Copy", "new_slug": "copy", "new_parent_page": section.pk},
    )
    assert response.status_code == 200
    assert "one page in each language" in response.content.decode()
    assert WorkingGroupPage.objects.count() == 1


def test_the_secretariat_is_told_beside_the_field_that_a_group_is_missing(client_of, section):
    from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

    form = nested_form_data(
        {
            "title": "A group",
            "slug": "a-group",
            "summary": "",
            "audience": "members",
            "working_group": "",
            "body": streamfield([]),
            "agenda": rich_text(""),
            "files": inline_formset([]),
            "topics": "",
            "keywords": "",
            "review_by": "",
            "published_on": "",
            "action-publish": "1",
        }
    )
    editor = client_of("secretariat")
    address = f"/admin/pages/add/groups/workinggrouppage/{section.pk}/"
    assert editor.get(address).status_code == 200
    response = editor.post(address, form)
    assert response.status_code == 200
    assert "Choose the working group" in str(response.context["form"].errors["working_group"])
    group = personas.make_groups()[personas.GROUP]
    assert editor.post(address, {**form, "working_group": str(group.pk)}).status_code == 302
    page = WorkingGroupPage.objects.get()
    assert editor.get(f"/admin/pages/{page.pk}/edit/").status_code == 200
    del form["working_group"], form["audience"]
    assert editor.post(f"/admin/pages/{page.pk}/edit/", {**form, "title": "Renamed"}).status_code == 302
    page.refresh_from_db()
    assert (page.title, page.working_group_id) == ("Renamed", group.pk)


@pytest.mark.parametrize(("name", "most"), [("anonymous", 10), ("group_full", 14)])
def test_the_home_of_a_group_costs_as_many_queries_for_forty_as_for_twenty(
    name, most, client_of, make_home, django_assert_max_num_queries
):
    home = make_home(audience="public")

    def fill(start: int) -> None:
        for number in range(start, start + 20):
            publish(home, f"Practice {number}", "public")
            plan(home, f"Evening {number}", number + 1, "public")

    fill(0)
    visitor = client_of(name)
    visitor.get(home.url)
    with django_assert_max_num_queries(most) as few:
        visitor.get(home.url)
    fill(20)
    visitor.get(home.url)
    with django_assert_max_num_queries(most) as many:
        visitor.get(home.url)
    assert len(few) == len(many)


@pytest.mark.parametrize(("name", "most"), [("anonymous", 10), ("group_full", 14)])
def test_the_list_of_groups_costs_few_queries(name, most, client_of, section, people, django_assert_max_num_queries):
    for number in range(20):
        group = WorkingGroup.objects.create(name=f"G{number}", slug=f"g{number}", kind="theme")
        section.add_child(instance=WorkingGroupPage(title=group.name, working_group=group, audience="members"))
    visitor = client_of(name)
    visitor.get("/groups/")
    with django_assert_max_num_queries(most):
        assert visitor.get("/groups/").status_code == 200


def test_what_was_offered_and_is_closed_to_a_lead_is_not_counted_for_him(desk):
    """Such as a lead who is no full member, once the secretariat has closed a draft to full members."""
    for audience in ("members", "group_full"):
        page = desk.page(title=f"Offered to {audience}", audience=audience, working_group=desk.group)
        Contribution.objects.create(giver=desk.people["full"], kind="practice", title="x", page=page.hubpage_ptr)
    groups = WorkingGroup.objects.filter(pk=desk.group.pk)
    for name, offers in (("lead", 2), ("author", 1), ("secretariat", 2)):
        assert with_waiting(groups, viewer_for(desk.people[name])).get().offers == offers
