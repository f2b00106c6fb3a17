"""A crawl of Wagtail's admin as a lead, a lead of two groups and an author.

Every address the admin answers at is asked for with ids of one's own and of another group's, by GET and by POST, and
every open list with every argument that could widen it. No answer may hold a word of another group's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any
from urllib.parse import quote, unquote

from django.urls import Resolver404, resolve, reverse
from django.utils.regex_helper import normalize
from wagtail.test.utils.form_data import nested_form_data, querydict_from_html, streamfield

from hub.admin_doors import door_of
from tests.doors.admin_scenario import PEOPLE, STATES, Admin

# What the arguments of addresses mean: the name of an id in ``Side.of``, or plain values.
IDS = {
    **dict.fromkeys(("page_id", "parent_page_id", "page_to_move_id", "destination_id", "page_pk", "object_id"), "page"),
    **dict.fromkeys(("revision_id", "revision_id_a", "revision_id_b"), "revision"),
    "task_state_id": "task_state",
    "task_id": "task",
    "workflow_state_id": "workflow_state",
    "image_id": "image",
    **dict.fromkeys(("document_id", "doc_id"), "document"),
    "uploaded_file_id": "upload",
    "collection_id": "collection",
    "redirect_id": "page",
}
PLAIN = {
    **dict.fromkeys(("app_label", "app_name", "content_type_app_name"), ("resources", "core", "wagtailcore")),
    **dict.fromkeys(("model_name", "content_type_model_name"), ("resourcepage", "topic", "keyword", "page")),
    "action": ("publish", "delete"),
    "action_name": ("approve", "reject"),
    "filter_spec": ("width-50",),
    "session_id": ("999999",),
    "workflow_pk": ("1",),
    **dict.fromkeys(("uidb64", "token"), ("x",)),
}
MIXED = "mixed"
ASKED = (
    "q=zx",
    "q=zx&search_all=on",
    "q=zx&p=1",
    "term=zx",
    "ordering=title",
    "ordering=usage_count",
    "layout=list",
    "layout=list&ordering=-usage_count",
    "has_child_pages=true&search_all=on",
    "owner=1&search_all=on",
    "edited_by=1",
    "site=1&search_all=on",
    "tag=zx",
    "export=csv",
    "format=json",
    "page_type=wagtailcore.page",
    "page_type=resources.ResourcePage",
    "page_type=core.HubPage&multiple=1",
    "locale=en",
    "child_of=1&fields=*",
    "type=core.HubPage",
    "for_explorer=1",
    "_w_filter_fragment=1",
    "unknown=1",
)

UNKNOWN = ("unknown=1", "owner=1&search_all=on", "edited_by=1", "tag=zx")


def names_of(query: str) -> set[str]:
    """The names of what a question asks."""
    return {unquote(part.partition("=")[0]) for part in query.split("&")}


class Crawl:
    """One person's tour through the admin."""

    def __init__(self, admin: Admin, name: str, routes: dict[str, Any]) -> None:
        self.admin, self.name, self.routes = admin, name, routes
        self.client = admin.world.clients[name]
        self.client.raise_request_exception = False
        self.asked = 0
        self.failed: set[str] = set()
        self.told: list[str] = []

    def look(self, path: str, *, post: dict[str, Any] | None = None) -> Any:
        """Ask for one address, and look at the answer, and where it leads to."""
        ask = self.client.get if post is None else self.client.post
        answer = ask(path) if post is None else ask(path, post)
        self.asked += 1
        self.hear(answer, path, str(post or ""))
        if answer.status_code >= 500:
            self.failed.add(path)
        if answer.status_code in (301, 302) and str(answer.url).startswith("/admin/"):
            self.hear(self.client.get(answer.url), path, answer.url)
        return answer

    def hear(self, answer: Any, *asked: str) -> None:
        """Keep what an answer tells that it must not."""
        if told := self.admin.told(self.name, answer, *asked):
            self.told.append(told)

    def all(self, routes: Iterable[str] | None = None) -> None:
        """Everything, as it stands and with the arguments of lists."""
        for route in routes or self.routes:
            answered, door = False, door_of(view_name(self.routes[route]))
            for path in self.addresses(route):
                answer = self.look(path)
                if door is None and answer.status_code != 404:
                    self.told.append(f"{path} is open for {self.name}")
                if door is not None and answer.status_code == 200 and not answered:
                    answered = True
                    for query in (*ASKED, *self.ids_asked()):
                        if names_of(query) <= set(door.asks):
                            self.look(f"{path}?{query}")
                        elif query in UNKNOWN and self.look(f"{path}?{query}").status_code != 404:
                            self.told.append(f"{path}?{query} is open for {self.name}")
        self.ties()
        self.must_be_clean()

    def ties(self) -> None:
        """Pages of ours that have to do with theirs: that lead there, that came from there, that not all of us read."""
        for page in (self.admin.led_to, self.admin.moved, self.admin.secret):
            for view in ("edit", "history", "delete", "view_draft", "workflow_history"):
                self.look(reverse(f"wagtailadmin_pages:{view}", args=(page.pk,)))
        self.look(reverse("wagtailadmin_explore", args=(self.admin.moved.get_parent().pk,)))

    def must_be_clean(self) -> None:
        """Nothing was told, and nothing broke."""
        assert self.told == [], "\n".join(self.told)
        # Wagtail asks what was not sent whether it begins with a slash.
        assert self.failed <= {"/admin/choose-external-link/"}, self.failed

    def posts(self) -> None:
        """POST to everything that is not one's own, and nothing of it may change or answer otherwise than nothing."""
        before = self.fingerprint()
        for route in self.routes:
            for path in self.addresses(route, sides=("theirs",)):
                self.look(f"{path}?position=0", post={})
                for sent in ({}, {"title": "Taken", "action-publish": "1"}, {"q": "zx"}):
                    self.look(path, post=sent)
        self.must_be_clean()
        assert self.fingerprint() == before, f"{self.name} changed something of theirs"

    def fingerprint(self) -> list[Any]:
        """What must not change of theirs."""
        theirs = self.admin.theirs
        return [
            [
                (page.title, page.path, page.live, page.locked, page.latest_revision_id, page.workflow_in_progress)
                for page in (type(page).objects.get(pk=page.pk) for page in theirs.pages.values())
            ],
            type(theirs.image).objects.filter(pk=theirs.image.pk).values_list("title", "audience").first(),
            type(theirs.document).objects.filter(pk=theirs.document.pk).values_list("title", "audience").first(),
        ]

    def ids_asked(self) -> Iterator[str]:
        """Questions that name things of theirs."""
        for state in ("closed", "draft"):
            theirs = self.admin.theirs.of(state)
            for name, what in (
                ("id", "page"),
                ("id", "image"),
                ("id", "document"),
                ("collection_id", "collection"),
                ("parent_page_id", "page"),
                ("target_pages[]", "page"),
                ("user", "person"),
            ):
                yield f"{quote(name)}={theirs[what]}"

    def addresses(self, route: str, sides: Iterable[str] = ("ours", "theirs", MIXED)) -> Iterator[str]:
        """The addresses of a pattern, with ids of each side and state."""
        found: dict[str, None] = {}
        # A door that is shut by its name is so whatever stands behind it.
        is_open = door_of(view_name(self.routes[route])) is not None
        for side in sides if is_open else ("theirs",):
            for state in ("closed", "review") if side == "ours" else STATES if is_open else ("draft",):
                for values in self.arguments(side, state, is_open):
                    path = self.address(route, values)
                    if path is not None:
                        found[path] = None
        yield from found

    def arguments(self, side: str, state: str, is_open: bool = True) -> Iterator[dict[str, str]]:
        """What each argument is, for one side and state; twice, as ``pk`` means many things."""
        ours, theirs = self.admin.ours.of(state), self.admin.theirs.of(state)
        ids = {"ours": ours, "theirs": theirs, MIXED: {**theirs, "page": ours["page"]}}[side]
        named = {name: ids[what] for name, what in IDS.items()}
        for place in range(4 if is_open else 1):
            plain = {name: values[place % len(values)] for name, values in PLAIN.items()}
            pk = ids[("page", "image", "document", "person")[place]]
            yield {**plain, **named, "pk": pk, "session_id": self.session(side)}

    def session(self, side: str) -> str:
        """A window with an editor: theirs, or none."""
        return "999999" if side == "ours" else str(self.admin.session.pk)

    def address(self, route: str, values: dict[str, str]) -> str | None:
        """The pattern with these values, if that leads to it."""
        pattern = self.routes[route]
        for pieces in product(*(normalize(part) for part in pattern.parts)):
            names = {name for _template, given in pieces for name in given}
            given = {name: values.get(name, "x") for name in names}
            path = "/" + "".join(template % {n: given[n] for n in parts} for template, parts in pieces)
            try:
                if resolve(path).func is pattern.pattern.callback:
                    return path
            except Resolver404:
                continue
        return None


def check_crawl(admin: Admin, routes: dict[str, Any], people: Iterable[str] = PEOPLE) -> None:
    """Nobody of ours is shown anything of theirs, anywhere."""
    for name in people:
        crawl = Crawl(admin, name, routes)
        crawl.all()
        crawl.posts()


def open_routes(routes: dict[str, Any]) -> dict[str, Any]:
    """Those of the patterns that are open to leads and authors."""
    return {route: found for route, found in routes.items() if door_of(view_name(found))}


def view_name(found: Any) -> str:
    """The full name of a pattern."""
    return ":".join((*found.namespaces, found.pattern.name or ""))


def check_lists(admin: Admin, name: str = "lead") -> None:
    """The lists hold what is one's own, and of the chooser also what one may open; so the crawl looked at something."""
    ours, world, client = admin.ours, admin.world, admin.world.clients[name]
    readable = admin.theirs.pages["readable"].title
    edit = client.get(reverse("wagtailadmin_pages:edit", args=(ours.pages["draft"].pk,)))
    assert edit.status_code == 200
    assert ours.pages["draft"].get_latest_revision().object_str in world.seen(edit)
    found = client.get(reverse("wagtailadmin_choose_page_search"), {"q": readable})
    assert readable in found.content.decode().replace(f'value="{readable}"', "")
    assert ours.image.title in client.get(reverse("wagtailimages:index")).content.decode()
    assert ours.document.title in client.get(reverse("wagtaildocs:index")).content.decode()
    assert ours.image.title in client.get(reverse("wagtailimages_chooser:choose")).content.decode()
    topics = client.get("/admin/tag-autocomplete/core/topic/", {"term": ours.topic.name})
    assert topics.json() == [ours.topic.name]


def check_saving(admin: Admin, name: str = "lead") -> None:
    """A page of ours that is made to lead to one of theirs is not saved."""
    page, closed = admin.ours.pages["draft"], admin.theirs.pages["closed"]
    address = reverse("wagtailadmin_pages:edit", args=(page.pk,))
    client = admin.world.clients[name]
    html = client.get(address).content.decode()
    data = querydict_from_html(html, form_id="page-edit-form").dict()
    data = {key: value for key, value in data.items() if not key.startswith("body-")}
    block = ("link", {"page": str(closed.pk), "clause": "", "text": ""})
    before = type(page).objects.get(pk=page.pk).latest_revision_id
    answer = client.post(address, {**data, **nested_form_data({"body": streamfield([block])})})
    assert admin.told(name, answer, address) == ""
    assert type(page).objects.get(pk=page.pk).latest_revision_id == before, "a link to a closed page was saved"
