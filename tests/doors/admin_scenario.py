"""What is in the admin of two working groups, for the tests of its doors: one's own, and another's with canaries."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone
from PIL import Image
from wagtail.admin.models import EditingSession
from wagtail.log_actions import log
from wagtail.models import Collection, Comment, Page, UploadedFile, Workflow, WorkflowTask

from core.models import FileOfPage, HubDocument, HubImage, HubPage, Keyword, Topic
from groups.models import WorkingGroupPage
from groups.provisioning import make_workflow, provision
from groups.workflow import LeadReview
from guidebooks.models import ChapterPage, GuidebookPage
from members.models import Membership, Office, Participation, Tier, User, WorkingGroup
from resources.models import ResourcePage
from search.rebuilding import rebuild
from tests import personas
from tests.doors.scenario import FULL, MEMBERS, SECRETARIAT, Item, World, pdf_of

LEAD, TWO, AUTHOR = "lead", "twolead", "author"
PEOPLE = (LEAD, TWO, AUTHOR)
OURS = frozenset({*PEOPLE, "secretariat"})
OURS_FULL = frozenset({LEAD, TWO, "secretariat"})
THEIRS = frozenset({"otherlead", "secretariat"})
THIRD = "third-group"
STATES = ("closed", "readable", "draft", "scheduled", "review")


@dataclass
class Side:
    """Ids of things of one sort, by what addresses call them."""

    name: str
    pages: dict[str, Any] = field(default_factory=dict)
    image: Any = None
    document: Any = None
    upload: Any = None
    person: Any = None
    topic: Any = None
    keyword: Any = None
    collection: Any = None

    def of(self, state: str) -> dict[str, str]:
        """What each argument of an address can be, for the page in this state."""
        page = self.pages[state]
        revision = page.get_latest_revision()
        review = self.pages["review"].current_workflow_state
        return {
            "page": str(page.pk),
            "revision": str(revision.pk),
            "task_state": str(review.current_task_state.pk),
            "task": str(review.current_task_state.task_id),
            "workflow_state": str(review.pk),
            "image": str(self.image.pk),
            "document": str(self.document.pk),
            "upload": str(self.upload.pk),
            "person": str(self.person.pk),
            "collection": str(self.collection.pk),
        }


@dataclass
class Admin:
    """The scenario of the admin: the world, with what our group and another work on."""

    world: World
    ours: Side
    theirs: Side
    moved: Any = None
    secret: Any = None
    """A page in our own section that only full members of the group read."""
    led_to: Any = None
    """A page of ours that leads to everything of theirs; the secretariat wrote it."""
    session: Any = None

    def may_know(self, name: str, word: str) -> bool:
        """Whether one of us may see a word in the admin."""
        item, what = self.world.owners[word]
        if name in item.readers:
            # What waits to be published is for those who work on the page.
            return what != "pending" or item.thing.working_group_id == self.world.groups[personas.GROUP].pk
        # A lead of two groups has the rights of the lead, and those in the third group.
        return name == TWO and self.world.may_know(LEAD, word)

    def told(self, name: str, answer: Any, *asked: str) -> str:
        """What an answer holds that this person may not know, but for what he typed himself; empty where nothing."""
        more = {word for word in self.world.seen(answer, *asked) if not self.may_know(name, word)}
        return f"{name} is shown {self.world.told(more)} at {asked[0]}" if more else ""


def build_admin(world: World) -> Admin:
    """Add to the world what two groups work on. Inside the caller's transaction."""
    groups = world.groups
    third = WorkingGroup.objects.create(name="Third group", slug=THIRD, kind="theme")
    for group in (groups[personas.GROUP], groups[personas.OTHER_GROUP], third):
        provision(group, ["en"], live=True)
    two = personas.make_user(TWO)
    today = timezone.now().date()
    Membership.objects.create(
        user=two, tier=Tier.objects.get(code="full"), starts_on=today, ends_on=today + timedelta(days=9)
    )
    for group in (groups[personas.GROUP], third):
        Participation.objects.create(user=two, group=group, starts_on=today)
        Office.objects.create(user=two, group=group, role=Office.Role.LEAD, starts_on=today)
    world.people[TWO] = two
    world.clients[TWO] = Client()
    world.clients[TWO].force_login(two)
    ours = AdminBuilder(world, "ours", groups[personas.GROUP], OURS, world.people[LEAD]).build()
    theirs = AdminBuilder(world, "theirs", groups[personas.OTHER_GROUP], THEIRS, None).build()
    admin = Admin(world, ours, theirs)
    join(admin)
    rebuild()
    return admin


class AdminBuilder:
    """Makes what one group works on: pages in every state, files, words, comments, people."""

    def __init__(self, world: World, name: str, group: WorkingGroup, readers: frozenset[str], writer: Any) -> None:
        self.world, self.group, self.readers = world, group, readers
        self.side = Side(name)
        person = Item(f"person of {name}", "name", readers)
        if writer is None:
            writer = User.objects.create_user(
                f"{name}-writer@example.org", "x", display_name=world.word(person, "name")
            )
        self.side.person = writer
        self.home = WorkingGroupPage.objects.get(working_group=group, locale__language_code="en", alias_of=None)

    def build(self) -> Side:
        side, world = self.side, self.world
        side.collection = Collection.objects.get(space__working_group=self.group)
        files = Item(f"file of {side.name}", "group", self.readers)
        side.image = self.make_image(files)
        side.document = HubDocument(
            title=world.word(files, "file_title"),
            file=clean(
                ContentFile(pdf_of([world.word(files, "inside")]), name=f"{world.word(files, 'file_name')}.pdf")
            ),
            audience="group",
            working_group=self.group,
            collection=side.collection,
            uploaded_by_user=side.person,
        )
        side.document.save()
        side.upload = UploadedFile.objects.create(
            for_content_type=ContentType.objects.get_for_model(HubImage),
            file=ContentFile(b"x", name=f"{world.word(files, 'upload')}.png"),
            uploaded_by_user=side.person,
        )
        for state in STATES:
            side.pages[state] = self.make(state)
        return side

    def make_image(self, item: Item) -> HubImage:
        out = io.BytesIO()
        Image.new("RGB", (64, 40), "teal").save(out, "PNG")
        image = HubImage(
            title=self.world.word(item, "image_title"),
            description=self.world.word(item, "image_description"),
            file=clean(ContentFile(out.getvalue(), name=f"{self.world.word(item, 'image_file')}.png")),
            audience="group",
            working_group=self.group,
            collection=self.side.collection,
            uploaded_by_user=self.side.person,
        )
        image.save()
        topic = Topic.objects.create(name=self.world.word(item, "topic_of_image"), slug=f"of-image-{self.group.pk}")
        image.tags.add(topic)
        return image

    def make(self, state: str) -> Any:
        """A page with a chapter's worth of words; what is readable has an unpublished change beside it."""
        word, side = self.world.word, self.side
        readers = MEMBERS | {TWO} if state == "readable" else self.readers
        item = Item(f"page of {side.name}", state, readers)
        hidden = Item(f"page of {side.name}", f"unpublished, {state}", self.readers)
        page = ResourcePage(
            title=word(item, "title"),
            slug=f"{item.words['title']}-{state}",
            summary=word(item, "summary"),
            resource_kind="practice",
            staff=word(item, "staff"),
            audience="members" if state == "readable" else "group",
            working_group=self.group,
            live=False,
            owner=side.person,
        )
        page.body = [
            {"type": "paragraph", "value": f"<p>{word(item, 'body')}</p>"},
            {"type": "figure", "value": {"image": side.image.pk, "alt": word(item, "alt"), "decorative": False}},
        ]
        topic = Topic.objects.create(name=word(item, "topic"), slug=item.words["topic"])
        keyword = Keyword.objects.create(name=word(item, "keyword"), slug=item.words["keyword"])
        page.topics.set([topic])
        page.keywords.set([keyword])
        if state == "closed":
            side.topic, side.keyword = topic, keyword
        HubPage.objects.get(pk=self.home.pk).specific.add_child(instance=page)
        if state != "readable":
            FileOfPage.objects.create(page_id=page.pk, document=side.document)
        page = ResourcePage.objects.get(pk=page.pk)
        if state in ("closed", "readable"):
            page.save_revision(user=side.person, log_action=True).publish(user=side.person, skip_permission_checks=True)
            page = ResourcePage.objects.get(pk=page.pk)
            page.title = word(hidden, "title")
            page.save_revision(user=side.person, log_action=True)
        elif state == "scheduled":
            page.go_live_at = timezone.now() + timedelta(days=2)
            page.save_revision(user=side.person, approved_go_live_at=page.go_live_at, log_action=True)
        else:
            page.title = word(hidden, "title")
            page.save_revision(user=side.person, log_action=True)
        page = ResourcePage.objects.get(pk=page.pk)
        if state == "review":
            the_review().start(page, side.person)
            page = ResourcePage.objects.get(pk=page.pk)
        Comment.objects.create(
            page=page, user=side.person, text=word(hidden, "comment"), contentpath="title", position=""
        )
        return page


def join(admin: Admin) -> None:
    """What ties the two groups: links, a page that came over, a page that only some of us read, old offices."""
    world, ours, theirs = admin.world, admin.ours, admin.theirs
    lead, group = world.people[LEAD], world.groups[personas.GROUP]
    home = HubPage.objects.get(pk=ours.pages["closed"].line[-1].pk).specific
    secret = Item("page of ours", "for full members", OURS_FULL)
    admin.secret = home.add_child(
        instance=GuidebookPage(
            title=world.word(secret, "title"), summary=world.word(secret, "summary"), audience="group_full", owner=lead
        )
    )
    admin.secret.save_revision(user=lead, log_action=True)
    admin.secret.add_child(instance=ChapterPage(title=world.word(secret, "chapter"), audience="group_full"))
    # A page of ours that the secretariat made lead to all that is theirs.
    item = Item("page of ours", "that leads to theirs", OURS)
    targets = [*theirs.pages.values(), *(i.thing for i in world.pages("resource", "guidebook"))]
    page = ResourcePage(
        title=world.word(item, "title"), resource_kind="practice", audience="group", working_group=group
    )
    page.body = [{"type": "link", "value": {"page": target.pk, "clause": "", "text": ""}} for target in targets] + [
        {
            "type": "paragraph",
            "value": "".join(f'<p><a linktype="page" id="{target.pk}">a page</a></p>' for target in targets),
        }
    ]
    admin.led_to = home.add_child(instance=page)
    ResourcePage.objects.get(pk=page.pk).save_revision(user=world.people["secretariat"], log_action=True)
    # What uses our things, and where a page of ours came from.
    admin.moved = ours.pages["readable"]
    log(
        instance=admin.moved,
        action="wagtail.move",
        user=theirs.person,
        data={
            "source": {"id": theirs.pages["closed"].pk, "title": theirs.pages["closed"].title},
            "destination": {"id": home.pk, "title": home.title},
        },
    )
    log(
        instance=admin.moved,
        action="wagtail.copy",
        user=theirs.person,
        data={"page": {"id": admin.moved.pk, "title": "x"}, "source": {"id": 1, "title": theirs.pages["draft"].title}},
    )
    # The lead once wrote for the other group: his edits, locks and reviews there are no longer his to see.
    for state in ("draft", "closed"):
        log(instance=theirs.pages[state], action="wagtail.edit", user=lead)
    Page.objects.filter(pk=theirs.pages["draft"].pk).update(
        owner=lead, locked=True, locked_by=lead, locked_at=timezone.now()
    )
    review = theirs.pages["review"].current_workflow_state
    review.requested_by = lead
    review.save()
    admin.session = EditingSession.objects.create(
        user=theirs.person,
        content_type=ContentType.objects.get_for_model(ResourcePage),
        object_id=str(theirs.pages["draft"].pk),
        last_seen_at=timezone.now(),
        is_editing=True,
    )


def the_review() -> Workflow:
    """The hub's workflow, with its first step saved."""
    workflow = make_workflow()
    if not WorkflowTask.objects.filter(workflow=workflow).exists():
        WorkflowTask.objects.create(workflow=workflow, task=LeadReview.objects.first(), sort_order=0)
    return workflow


def clean(stored: ContentFile) -> ContentFile:
    """A file that needs no cleaning; its words are looked for as they are."""
    stored.is_clean = True  # type: ignore[attr-defined]
    return stored


__all__ = ["FULL", "SECRETARIAT", "Admin", "build_admin"]
