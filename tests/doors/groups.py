"""The doors of working groups' front ends: what is inside a group, who asks to join, what members give, and numbers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from groups.records import Contribution, Decision, GroupTask, JoinRequest, Suggestion
from hub import reads
from hub.models import PageReads, PageWord
from members.models import Membership, Participation, Tier, User, today
from tests import personas
from tests.doors.checks import ALL, LANGUAGES, check_nothing_more, plain
from tests.doors.scenario import IN_GROUP, MEMBERS, RARE, SECRETARIAT, Item, World

LEADS = frozenset({"lead", "secretariat"})
WRITERS = LEADS | {"author"}
ASKER, REFUSED, GIVER = "full", "seat", "group_full"
OTHERS = frozenset({"othermember", "otherlead", "secretariat"})


def furnish(world: World) -> None:
    """Fill both groups with tasks, decisions, people, requests, suggestions and numbers, each with words of its own."""

    def word(readers: Iterable[str], what: str) -> str:
        item = Item("inside", what, frozenset(readers))
        world.items.append(item)
        return world.word(item, what)

    for slug, inside, leads in [
        (personas.GROUP, IN_GROUP, LEADS),
        (personas.OTHER_GROUP, OTHERS, frozenset({"otherlead", "secretariat"})),
    ]:
        group = world.groups[slug]
        GroupTask.objects.create(group=group, text=word(inside, "task"))
        GroupTask.objects.create(group=group, text=word(inside, "task done"), done_on=today())
        Decision.objects.create(group=group, text=word(inside, "decision"))
        name = word(inside, "person")
        person = User.objects.create_user(f"{name}@example.org", display_name=name)
        Participation.objects.create(user=person, group=group)
        days = {"starts_on": today(), "ends_on": today() + timedelta(days=9)}
        Membership.objects.create(user=person, tier=Tier.objects.get(code="associate"), **days)
        asks = word(leads, "asker")
        asker = User.objects.create_user(f"{asks}@example.org", display_name=asks)
        JoinRequest.objects.create(user=asker, group=group, words=word(leads, "request"), reason=word(leads, "reason"))
        JoinRequest.objects.create(user=world.people[ASKER], group=group, words=word({*leads, ASKER}, "own request"))
        JoinRequest.objects.create(
            user=world.people[REFUSED],
            group=group,
            words=word(leads, "refused request"),
            refused_at=timezone.now(),
            reply=word({*leads, REFUSED}, "reply"),
            reason=word(leads, "reason of a refusal"),
        )
    week = reads.week_of(today()) - timedelta(weeks=1)
    for state, readers in [("group", WRITERS), ("group_full", LEADS)]:
        page = world.one("resource", state).thing.hubpage_ptr
        Suggestion.objects.create(
            page=page,
            giver=world.people[GIVER],
            words=word({*LEADS, GIVER}, "suggestion"),
            answer=word({*LEADS, GIVER}, "answer"),
        )
        found_by = word(readers, "number")
        PageReads.objects.create(page=page, week=week, times=7)
        PageWord.objects.create(page=page, week=week, digest=found_by, word=found_by, times=reads.SEEN_FROM)
        rare = word(readers, RARE)
        PageWord.objects.create(page=page, week=week, digest=rare, word=rare, times=reads.SEEN_FROM - 1)
    page = world.one("resource", "members").thing.hubpage_ptr
    Suggestion.objects.create(
        page=page, giver=world.people["associate"], words=word({"associate"}, "suggestion to no group's page")
    )
    Contribution.objects.create(giver=world.people["associate"], kind="practice", title=word({"associate"}, "offer"))


def addresses(world: World, slug: str) -> dict[str, frozenset[str]]:
    """The addresses of a group with those who are answered there."""
    inside, leads = (IN_GROUP, LEADS) if slug == personas.GROUP else (OTHERS, frozenset({"otherlead", "secretariat"}))
    writers = WRITERS if slug == personas.GROUP else leads
    group = world.groups[slug]
    task, decision = GroupTask.objects.filter(group=group).first(), Decision.objects.filter(group=group).first()
    request = JoinRequest.objects.filter(group=group, refused_at=None).first()
    assert task
    assert decision
    assert request
    author = group.offices.filter(role="author").first()
    found = {
        "people/": inside,
        "leave/": inside - SECRETARIAT,
        "tasks/": inside,
        "tasks/new/": inside,
        f"tasks/{task.pk}/": inside,
        "decisions/": inside,
        "decisions/new/": leads,
        f"decisions/{decision.pk}/": leads,
        f"requests/{request.pk}/": leads,
        "authors/": leads,
        "numbers/": writers,
    }
    if author is not None:
        found[f"authors/{author.pk}/"] = leads
    return {f"/working-groups/{slug}/{path}": readers for path, readers in found.items()}


def check_groups(world: World, people: Iterable[str] = ALL, languages: Iterable[str] = ("en", "ar")) -> None:
    """What is inside a group opens to its own people; for all others it is as if there were no such group."""
    for name in people:
        client = world.clients[name]
        for prefix in (LANGUAGES[language] for language in languages):
            nowhere = f"{prefix}/working-groups/no-such-group/people/"
            nothing = plain(client.get(nowhere), nowhere)
            assert nothing[0] == 404
            for slug in (personas.GROUP, personas.OTHER_GROUP):
                for path, readers in addresses(world, slug).items():
                    answer = client.get(prefix + path)
                    check_nothing_more(world, name, answer, path)
                    if name in readers:
                        assert answer.status_code == 200, f"{path} for {name}: {answer.status_code}"
                    else:
                        assert plain(answer, prefix + path) == nothing, f"{path} for {name}"
                for path in ("withdraw/", "tasks/1/done/"):
                    assert client.get(f"/working-groups/{slug}/{path}").status_code == 405
        check_closed_deeds(world, name)


def check_closed_deeds(world: World, name: str) -> None:
    """What writes inside a group does nothing for those outside, and answers as where there is none."""
    client = world.clients[name]
    nowhere = "/working-groups/no-such-group/people/"
    nothing = plain(client.get(nowhere), nowhere)
    for slug in (personas.GROUP, personas.OTHER_GROUP):
        before = everything()
        for path, readers in addresses(world, slug).items():
            if name in readers:
                continue
            if path.endswith(("/people/", "/tasks/", "/decisions/", "/numbers/")):
                assert client.post(path).status_code == 405
                continue
            for fields in ({}, {"end": "1"}, {"delete": "1"}, {"text": "x", "answer": "accept"}):
                answer = client.post(path, fields)
                assert plain(answer, path) == nothing, f"{path} for {name}"
        assert everything() == before, f"{name} changed something in {slug}"


def everything() -> list[Any]:
    """All that a deed in a group could change."""
    kept = (GroupTask, Decision, JoinRequest, Participation, Suggestion, Contribution)
    return [sorted(model.objects.values_list(), key=str) for model in kept]


def check_joining(world: World, people: Iterable[str] = ALL) -> None:
    """The way in is there for members who may open the group's page and are not in it; for all others it is not."""
    for name in people:
        client = world.clients[name]
        nowhere = "/working-groups/no-such-group/join/"
        nothing = plain(client.get(nowhere), nowhere)
        for item in world.pages("group", aliases=False):
            group = item.thing.working_group
            path = f"/working-groups/{group.slug}/join/"
            answer = client.get(path)
            check_nothing_more(world, name, answer, path)
            may_open = any(
                name in each.readers and each.thing.live
                for each in world.pages("group", aliases=False)
                if each.thing.working_group_id == group.pk
            )
            if name in MEMBERS - SECRETARIAT and may_open:
                assert answer.status_code in (200, 302), f"{path} for {name}"
            else:
                assert plain(answer, path) == nothing, f"{path} for {name}"


def check_giving(world: World, people: Iterable[str] = ALL, items: Iterable[Item] | None = None) -> None:
    """A page can be written to by members who may read it; what was given is shown to giver and carers alone."""
    for name in people:
        client = world.clients[name]
        nowhere = "/contribute/suggestion/999999/"
        nothing = plain(client.get(nowhere), nowhere)
        for item in world.pages() if items is None else items:
            path = f"/contribute/suggestion/{item.thing.pk}/"
            answer = client.get(path)
            check_nothing_more(world, name, answer, path)
            if name in MEMBERS and name in item.readers:
                assert answer.status_code == 200, f"{path} of {item} for {name}"
            else:
                assert plain(answer, path) == nothing, f"{path} of {item} for {name}"
        wanted = 302 if name == "anonymous" else 200 if name in MEMBERS else 404
        for path in ("/contribute/", "/contribute/practice/", "/contribute/event/", "/contribute/thanks/"):
            answer = client.get(path)
            assert answer.status_code == wanted, f"{path} for {name}"
            check_nothing_more(world, name, answer, path)
        mine = client.get("/working-groups/")
        assert mine.status_code == (404 if name == "secretariat" else wanted)
        check_nothing_more(world, name, mine, "/working-groups/")
        listed = client.get("/suggestions/")
        assert listed.status_code == (200 if name in LEADS | {"otherlead"} else 404)
        check_nothing_more(world, name, listed, "/suggestions/")
        for row in Suggestion.objects.select_related("page"):
            path = f"/suggestions/{row.pk}/"
            answer = client.get(path)
            check_nothing_more(world, name, answer, path)
            may = name == "secretariat" or (name == "lead" and row.page.working_group_id is not None)
            assert answer.status_code == (200 if may else 404), f"{path} for {name}"
