"""Leads and authors bring their files themselves, into their own group's space and nowhere else."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core.audience import set_audience
from core.models import HubImage, HubPage, Keyword, Topic
from groups.models import WorkingGroupPage
from groups.provisioning import provision
from guidebooks.models import GuidebookPage, Upload
from guidebooks.uploading import work
from members.models import Office, WorkingGroup, today
from tests import personas
from tests.guidebooks.test_uploading import BOOK, CHAPTER, address, chapters, decide, finished, packed

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(home: Any) -> dict[str, Any]:
    return personas.make_personas()


@pytest.fixture
def space(people: dict[str, Any]) -> WorkingGroupPage:
    """The home of the group, with its rights; the other group has one too."""
    for slug in (personas.OTHER_GROUP, personas.GROUP):
        provision(WorkingGroup.objects.get(slug=slug), live=True)
    return WorkingGroupPage.objects.get(working_group__slug=personas.GROUP)


def signed_in(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def send(client: Client, space: HubPage, file: Any, url: str = "", **fields: Any) -> Any:
    url = url or reverse("guidebooks_upload")
    token = re.search(r'name="token" value="([^"]+)"', client.get(url).content.decode())
    assert token is not None
    return client.post(url, {"token": token[1], "parent": space.pk, "audience": "members", "file": file, **fields})


@pytest.fixture
def lead(people: dict[str, Any], space: WorkingGroupPage) -> Client:
    return signed_in(people["lead"])


@pytest.fixture
def upload(lead: Client, space: WorkingGroupPage) -> Upload:
    """A file that a lead has sent."""
    answer = send(lead, space, packed(BOOK))
    assert answer.status_code == 302, answer.context["form"].errors
    upload = Upload.objects.get()
    assert work(upload.pk)
    upload.refresh_from_db()
    assert upload.state == "ready", upload.problems
    return upload


@pytest.mark.parametrize("name", ["lead", "author"])
def test_a_lead_and_an_author_import_into_their_own_space(people, space, name):
    client = signed_in(people[name])
    assert reverse("guidebooks_upload") in client.get("/admin/").content.decode()
    shown = client.get(reverse("guidebooks_upload")).content.decode()
    assert f'value="{space.pk}"' in shown
    assert "Prison and probation" not in shown
    assert "Guidebooks (" not in shown
    send(client, space, packed(BOOK))
    upload = Upload.objects.get()
    work(upload.pk)
    upload.refresh_from_db()
    book = finished(client, upload, **{"alt-0": "A red square"})
    assert book.working_group == space.working_group
    assert not book.live
    assert HubPage.objects.get(pk=book.get_parent().pk).pk == space.pk
    answer = client.get(address(upload), follow=True)
    assert answer.status_code == 200
    assert answer.request["PATH_INFO"] == reverse("wagtailadmin_explore", args=[book.pk])
    edit = client.get(reverse("wagtailadmin_pages:edit", args=[chapters(book)["01-listen.md"].pk]))
    assert edit.status_code == 200
    image = HubImage.objects.get()
    assert image.collection.name == "Family and community"
    assert client.get(reverse("wagtailimages:edit", args=[image.pk])).status_code == 200


def test_another_groups_space_and_the_section_are_refused(lead, space, people, section):
    other = WorkingGroupPage.objects.get(working_group__slug=personas.OTHER_GROUP)
    for place in (other, section):
        answer = send(lead, place, packed(BOOK))
        assert answer.status_code in (404, 422)
        assert reverse("guidebooks_upload_below", args=[place.pk]) not in lead.get("/admin/").content.decode()
        assert lead.get(reverse("guidebooks_upload_below", args=[place.pk])).status_code == 404
    assert not Upload.objects.exists()


def test_the_front_matter_gives_a_book_to_no_other_group(lead, space):
    front = f"---\nworking_group: {personas.OTHER_GROUP}\naudience: public\n---\n# A\n"
    send(lead, space, packed({**BOOK, "index.md": front}))
    upload = Upload.objects.get()
    work(upload.pk)
    upload.refresh_from_db()
    book = finished(lead, upload)
    assert (book.working_group, book.audience) == (space.working_group, "members")


def test_the_front_matter_shows_no_title_to_strangers(lead, space):
    """Who may know of a book is chosen in the form: the file cannot add a teaser nobody has asked for."""
    set_audience(space, "members", space.working_group, teaser=True)
    send(lead, space, packed({**BOOK, "index.md": "---\nteaser: true\n---\n# A\n"}))
    upload = Upload.objects.get()
    work(upload.pk)
    upload.refresh_from_db()
    assert not finished(lead, upload, **{"alt-0": "A red square"}).teaser


def test_the_front_matter_tells_of_no_topic_and_no_keyword_of_closed_pages(lead, space, make_page):
    hidden = make_page("Hidden", audience="group", working_group=personas.make_groups()[personas.OTHER_GROUP])
    hidden.topics.add(Topic.objects.create(name="Their operation", slug="their-operation"))
    hidden.keywords.add(Keyword.objects.create(name="Their PLAN", slug="their-plan"))
    hidden.save()
    said = {}
    for slug in ("their-operation", "no-such-topic"):
        send(lead, space, packed({**BOOK, "index.md": f"---\ntopics: [{slug}, nor-this]\n---\n# A\n"}))
        upload = Upload.objects.latest("pk")
        work(upload.pk)
        upload.refresh_from_db()
        said[slug] = (upload.state, str(upload.problems).replace(slug, "it"))
    assert said["their-operation"] == said["no-such-topic"]
    send(lead, space, packed({**BOOK, "index.md": "---\nkeywords: [their plan, Mine]\n---\n# A\n"}))
    upload = Upload.objects.latest("pk")
    work(upload.pk)
    upload.refresh_from_db()
    book = finished(lead, upload)
    assert sorted(book.keywords.names()) == ["Mine", "their plan"]


def test_a_link_in_a_file_leads_to_no_page_by_its_number(lead, space, make_page):
    hidden = make_page("Hidden words", audience="full")
    send(lead, space, packed({**BOOK, "02-after.md": f"# Afterwards\n\nSee [this](page:{hidden.pk}).\n"}))
    upload = Upload.objects.get()
    work(upload.pk)
    upload.refresh_from_db()
    book = finished(lead, upload)
    assert 'linktype="page"' not in str(chapters(book)["02-after.md"].body.raw_data[0])


@pytest.mark.parametrize("name", [name for name in personas.NAMES if name not in ("secretariat", "lead")])
def test_an_upload_is_its_senders_and_the_secretariats(upload, people, name):
    picture = upload.pictures.get()
    client = signed_in(people[name]) if name != "anonymous" else Client()
    paths = [
        address(upload),
        reverse("guidebooks_upload_picture", args=[upload.pk, picture.pk]),
    ]
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == (302 if name == "anonymous" else 404)
        assert b"first-talks" not in answer.content
    for view in ("guidebooks_upload_discard", "guidebooks_upload_go_on", "guidebooks_upload_look"):
        assert client.post(reverse(view, args=[upload.pk])).status_code == (302 if name == "anonymous" else 404)
    assert b"first-talks" not in client.get(reverse("guidebooks_upload")).content
    upload.refresh_from_db()
    assert upload.state == "ready"


def test_the_secretariat_sees_it_and_whose_it_is(upload, people):
    office = signed_in(people["secretariat"])
    assert office.get(address(upload)).status_code == 200
    assert "A lead" in office.get(reverse("guidebooks_upload")).content.decode()


def test_whose_term_ends_sees_it_no_more_and_no_draft_is_made(upload, lead, people):
    decide(lead, upload)
    Office.objects.filter(user=people["lead"]).update(ends_on=today() - timedelta(days=1))
    assert lead.get(address(upload)).status_code == 404
    work(upload.pk)
    upload.refresh_from_db()
    assert upload.state == "ready"
    assert "no longer write there" in upload.problems[0]
    assert not GuidebookPage.objects.exists()


def test_a_new_version_of_an_own_book_only(lead, upload, people, space):
    book = finished(lead, upload, **{"alt-0": "A red square"})
    url = reverse("guidebooks_upload_again", args=[book.pk])
    assert url in lead.get(reverse("wagtailadmin_explore", args=[book.pk])).content.decode()
    for name in ("otherlead", "group_full", "lapsed"):
        assert signed_in(people[name]).get(url).status_code == 404
    send(lead, space, packed({**BOOK, "01-listen.md": CHAPTER.replace("yesterday", "today")}), url=url)
    renewed = Upload.objects.get(onto=book)
    work(renewed.pk)
    renewed.refresh_from_db()
    assert renewed.state == "ready", renewed.problems
    assert finished(lead, renewed).pk == book.pk


def test_who_may_not_read_a_chapter_brings_no_new_version_of_its_book(lead, upload, people):
    book = finished(lead, upload)
    chapter = chapters(book)["02-after.md"]
    set_audience(chapter, "group_full", book.working_group, people["secretariat"])
    url = reverse("guidebooks_upload_again", args=[book.pk])
    assert signed_in(people["author"]).get(url).status_code == 404  # an associate
    assert lead.get(url).status_code == 200
