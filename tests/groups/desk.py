"""A working group with its space, and its people at their desks in the admin."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.test import Client
from wagtail.models import TaskState
from wagtail.test.utils.form_data import nested_form_data, querydict_from_html, rich_text, streamfield

from core.models import HubPage, Topic
from groups.provisioning import homes_of, provision
from guidebooks.models import ChapterPage, GuidebookPage
from members.models import SECRETARIAT, Office, Participation, User, WorkingGroup, today
from resources.models import ResourcePage
from tests import personas


@dataclass
class Desk:
    """One working group's desk."""

    people: dict[str, Any]
    clients: dict[str, Client] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.group: WorkingGroup = personas.make_groups()[personas.GROUP]
        self.space = provision(self.group, live=True)
        provision(personas.make_groups()[personas.OTHER_GROUP], live=True)
        self.home = homes_of(self.group).get()
        self.topic = Topic.objects.create(name="Desistance", slug="desistance-here")

    def client(self, name: str) -> Client:
        """A browser of one person."""
        if name not in self.clients:
            self.clients[name] = Client()
            self.clients[name].force_login(self.people[name])
        return self.clients[name]

    # People ----------------------------------------------------------------------------------

    def holder(self, name: str, role: str = Office.Role.LEAD, **days: Any) -> User:
        """One more person with an office in the group."""
        user = personas.make_user(name)
        first = today() - timedelta(days=60)
        personas.member(user, "full", first, today() + timedelta(days=300))
        Participation.objects.create(user=user, group=self.group, starts_on=first)
        Office.objects.create(user=user, group=self.group, role=role, **{"starts_on": first, **days})
        self.people[name] = user
        return user

    def second_secretary(self) -> User:
        """One more person of the secretariat."""
        user = personas.make_user("secretary2")
        user.groups.add(Group.objects.get(name=SECRETARIAT))
        self.people["secretary2"] = user
        return user

    # Pages -----------------------------------------------------------------------------------

    def page(self, model: type[HubPage] = ResourcePage, by: str = "author", above: Any = None, **fields: Any) -> Any:
        """A draft in the group's section that has all it needs."""
        fields = {
            "title": f"A page by {by}",
            "audience": "members",
            "summary": "What it is about.",
            "review_by": today() + timedelta(days=365),
            "body": [{"type": "paragraph", "value": "<p>Words about desistance.</p>"}],
            **fields,
        }
        parent = HubPage.objects.get(pk=(above or self.home).pk).specific
        made: Any = parent.add_child(instance=model(live=False, owner=self.people[by], **fields))
        made.topics.add(self.topic)
        made.save_revision(user=self.people[by])
        return made

    def book(self, by: str = "author", chapters: int = 2, **fields: Any) -> tuple[Any, list[Any]]:
        """A guidebook with chapters, all drafts."""
        book = self.page(GuidebookPage, by, title="A book", **fields)
        made = [
            self.page(ChapterPage, by, above=book, title=f"Chapter {number}", audience="public")
            for number in range(1, chapters + 1)
        ]
        return book, made

    def form(self, name: str, page: Any, **changes: Any) -> dict[str, Any]:
        """What the editor of a page would send, with some fields changed."""
        html = self.client(name).get(f"/admin/pages/{page.pk}/edit/").content.decode()
        data = querydict_from_html(html, form_id="page-edit-form").dict()
        text = changes.pop("text", "Words about desistance.")
        data.update(nested_form_data({"body": streamfield([("paragraph", rich_text(f"<p>{text}</p>"))])}))
        return {**data, **changes}

    def edit(self, name: str, page: Any, **changes: Any) -> Any:
        """Save a page in the editor."""
        return self.client(name).post(f"/admin/pages/{page.pk}/edit/", self.form(name, page, **changes))

    # Reviews ---------------------------------------------------------------------------------

    def send(self, name: str, page: Any, /, **changes: Any) -> Any:
        """Fill in the list of checks and send."""
        data = {"page": [str(page.pk)], "audience": "on", "names": "agreed", "note": "", **changes}
        return self.client(name).post(f"/admin/reviews/send/{page.pk}/", data)

    def step(self, page: Any) -> TaskState:
        """The step a page stands at."""
        fresh = HubPage.objects.get(pk=page.pk)
        state: Any = fresh.current_workflow_state
        return TaskState.objects.get(pk=state.current_task_state_id)

    def url(self, page: Any) -> str:
        """The address of the review of a page."""
        return f"/admin/reviews/{self.step(page).pk}/"

    def read(self, name: str, page: Any) -> dict[str, str]:
        """Open the review; gives what the page would send with "approve"."""
        answer = self.client(name).get(self.url(page))
        assert answer.status_code == 200
        return {"read": answer.context["approve"].initial["read"], "comment": "", "action": "approve"}

    def approve(self, name: str, page: Any, **changes: Any) -> Any:
        """Read, then approve."""
        return self.client(name).post(self.url(page), {**self.read(name, page), **changes})

    def ask_for_changes(self, name: str, page: Any, words: str = "Say more.") -> Any:
        """Ask for changes."""
        return self.client(name).post(self.url(page), {"action": "reject", "changes-comment": words})
