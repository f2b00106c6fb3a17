"""A hub full of words that only some may read, for the tests of its doors.

Every text of every thing holds a word that stands nowhere else (a canary), so that one look at an answer tells whose
texts are in it. Who may read what is written down here as a table of people, not worked out by the access rule.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone
from fpdf import FPDF
from PIL import Image
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Locale

from core import filetexts
from core.models import BestBet, Concept, FileOfPage, HubDocument, HubImage, HubPage, Keyword, Term, Topic
from events.models import EventIndexPage, EventPage, EventSpeaker
from groups.models import WorkingGroupIndexPage, WorkingGroupPage
from guidebooks.models import ChapterPage, GuidebookIndexPage, GuidebookPage
from hub import saved
from hub.models import FollowedTopic, HomePage, PlainPage, SavedSearch
from members.models import User, WorkingGroup
from resources.models import ResourceIndexPage, ResourcePage
from search.rebuilding import rebuild
from standards.models import Clause, ClauseSource, StandardIndexPage, StandardPage
from tests import personas

EVERYBODY = frozenset(personas.NAMES)
MEMBERS = EVERYBODY - {"anonymous", "lapsed"}
FULL = frozenset({"full", "seat", "group_full", "lead", "otherlead", "board", "secretariat"})
IN_GROUP = frozenset({"group_associate", "group_full", "author", "lead", "secretariat"})
FULL_IN_GROUP = frozenset({"group_full", "lead", "secretariat"})
SECRETARIAT = frozenset({"secretariat"})
NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True)
class State:
    """One way in which a page can be open or closed, and who then reads it."""

    readers: frozenset[str]
    audience: str = "public"
    teaser: bool = False
    live: bool = True
    below_draft: bool = False

    @property
    def of_group(self) -> bool:
        """Whether it is for a working group."""
        return self.audience.startswith("group")


STATES = {
    "public": State(EVERYBODY),
    "members": State(MEMBERS, "members"),
    "members_teaser": State(MEMBERS, "members", teaser=True),
    "full": State(FULL, "full"),
    "full_teaser": State(FULL, "full", teaser=True),
    "group": State(IN_GROUP, "group"),
    "group_full": State(FULL_IN_GROUP, "group_full"),
    # The secretariat opens every published page, also below something that is not.
    "nobody": State(SECRETARIAT, below_draft=True),
    "draft": State(NOBODY, live=False),
    "scheduled": State(NOBODY, live=False),
}
KINDS = ("resource", "guidebook", "chapter", "event", "past", "standard", "group", "plain")
IN_LIBRARY = ("resource", "guidebook", "event", "past", "standard")
# What each kind shows on its own page, to whoever may read it.
SHOWN: dict[str, tuple[str, ...]] = {
    "resource": (
        *("title", "summary", "body", "heading", "alt", "topic", "keyword", "staff", "risks", "file", "edge"),
        *("term", "near"),
    ),
    "guidebook": ("title", "summary", "body", "heading", "alt", "topic", "edition"),
    "chapter": ("title", "summary", "body", "heading", "alt"),
    "event": ("title", "summary", "body", "heading", "alt", "speaker", "poor_line", "capacity"),
    "past": ("title", "summary", "body", "heading", "alt", "speaker", "transcript", "recording", "afterwards", "file"),
    "standard": ("title", "summary", "body", "heading", "alt", "edition", "clause", "guidance"),
    "group": ("title", "summary", "body", "heading", "alt", "agenda"),
    "plain": ("title", "summary", "body", "heading", "alt"),
}
# What finds a page, beside its title and summary.
FOUND_BY: dict[str, tuple[str, ...]] = {
    "resource": ("body", "heading", "alt", "topic", "keyword", "staff", "risks", "term", "near"),
    "guidebook": ("body", "topic", "keyword"),
    "chapter": ("body", "heading", "keyword"),
    "event": ("body", "speaker", "poor_line", "keyword"),
    "past": ("body", "speaker", "transcript", "recording", "afterwards"),
    "standard": ("body", "clause", "guidance", "topic"),
    "group": ("body", "agenda", "keyword"),
    "plain": ("body", "heading", "keyword"),
}
SAVED = "q=stands&kind=practice"
"""What everybody has saved: all resources."""
SAVED_NAME = "Kept by {}"
# A word that stands in every body. In the vocabulary it means what each resource's "term" means, and is related to what
# its "near" means; and every resource is recommended for it, the most closed before the others.
IN_ALL = "stands"
RARE = "word of few"
"""A word by which so few came to a page that nobody is told of it."""
LETTERS = "bcdfghjklmnpqrtvwxz"  # no vowel and no s: nothing that a stemmer would cut off
CANARY = re.compile(rf"zx[{LETTERS}]{{6}}")


@dataclass
class Item:
    """Something with words of its own, and who may read it."""

    kind: str
    state: str
    readers: frozenset[str]
    thing: Any = None
    teased: bool = False
    words: dict[str, str] = field(default_factory=dict)
    language: str = "en"
    version_of: Item | None = None
    is_alias: bool = False

    def __str__(self) -> str:
        return f"{self.kind} {self.state}{' in ' + self.language if self.language != 'en' else ''}"

    @property
    def url(self) -> str:
        """Its address."""
        return str(self.thing.url)

    def is_listed_for(self, name: str) -> bool:
        """Whether lists may name it to this persona."""
        return name in self.readers or self.teased


@dataclass
class World:
    """The scenario: all that is in it, and a browser for every persona."""

    people: dict[str, Any]
    groups: dict[str, WorkingGroup]
    items: list[Item] = field(default_factory=list)
    owners: dict[str, tuple[Item, str]] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    sections: dict[str, HubPage] = field(default_factory=dict)
    renditions: dict[str, list[Any]] = field(default_factory=dict)
    searches: dict[str, SavedSearch] = field(default_factory=dict)

    # Words -----------------------------------------------------------------------------------

    def word(self, item: Item, name: str) -> str:
        """A new word that stands nowhere else."""
        number, letters = len(self.owners), ""
        for _place in range(6):
            number, place = divmod(number, len(LETTERS))
            letters += LETTERS[place]
        new = f"zx{letters}"
        self.owners[new] = item, name
        item.words[name] = new
        return new

    def may_know(self, name: str, word: str) -> bool:
        """Whether a persona may see this word anywhere at all."""
        item, what = self.owners[word]
        if what in ("pending", "file_name_of_image", "taken back", RARE):
            return False
        if item.kind == "note":
            return name in item.readers  # the secretariat is not
        if what == "join" and name == "anonymous":
            return False
        if name == "secretariat":
            return True  # a chapter below a draft, which it opens, names its book
        return name in item.readers or (item.teased and what in ("title", "summary"))

    def seen(self, answer: Any, *asked: str) -> set[str]:
        """The words in an answer, in its body and headers, but for those in what was asked."""
        text = body_of(answer).decode("utf-8", "replace") + str(dict(answer.headers))
        found = set(CANARY.findall(text)) & set(self.owners)
        return found - set(CANARY.findall(" ".join(asked)))

    def told(self, words: Iterable[str]) -> list[str]:
        """What these words are, for a message."""
        return sorted(f"{self.owners[word][1]} of {self.owners[word][0]}" for word in words)

    # Things ----------------------------------------------------------------------------------

    def pages(self, *kinds: str, aliases: bool = True) -> Iterator[Item]:
        """The pages, of some kinds."""
        for item in self.items:
            if item.kind in (kinds or KINDS) and (aliases or not item.is_alias):
                yield item

    def one(self, kind: str, state: str, language: str = "en") -> Item:
        """The item of a kind and state."""
        return next(
            i for i in self.items if (i.kind, i.state, i.language, i.is_alias) == (kind, state, language, False)
        )

    def listed(self, name: str, *kinds: str, language: str = "en") -> set[str]:
        """Titles that a list of these kinds holds for a persona: one per item, in the best language."""
        best: dict[int, Item] = {}
        for item in self.pages(*kinds, aliases=False):
            if not item.is_listed_for(name):
                continue
            origin = id(item.version_of or item)
            if origin not in best or item.language == language:
                best[origin] = item
        return {item.words["title"] for item in best.values()}


def body_of(answer: Any) -> bytes:
    """The bytes of an answer, also where it is streamed."""
    if getattr(answer, "streaming", False):
        if not hasattr(answer, "_read"):
            answer._read = b"".join(answer.streaming_content)
        return bytes(answer._read)
    return bytes(answer.content)


# Building ------------------------------------------------------------------------------------------


def build() -> World:
    """Make everything, inside the transaction of the caller. The index must be configured already."""
    from tests.doors import reading  # which stands on this module

    world = World(personas.make_personas(), personas.make_groups())
    world.sections = {
        "home": HomePage.objects.get(depth=2, locale__language_code="en"),
        "library": english(ResourceIndexPage),
        "guidebooks": english(GuidebookIndexPage),
        "events": english(EventIndexPage),
        "standards": english(StandardIndexPage),
        "groups": english(WorkingGroupIndexPage),
    }
    Builder(world).build()
    furnish_groups(world)
    reading.keep(world)
    filetexts.read_waiting()
    for name, person in world.people.items():
        world.clients[name] = Client()
        if isinstance(person, User):
            world.clients[name].force_login(person)
    rebuild()
    return world


def furnish_groups(world: World) -> None:
    """What goes on inside the working groups; its own module knows this one."""
    from tests.doors.groups import furnish

    furnish(world)


def english(model: type[HubPage]) -> Any:
    """The English page of a section."""
    return model.objects.get(locale__language_code="en")


def pdf_of(texts: Iterable[str]) -> bytes:
    """A PDF with one text on each page, not packed, so that one can look for them in its bytes."""
    made = FPDF()
    made.set_compression(False)
    made.set_font("Helvetica", size=12)
    for text in texts:
        made.add_page()
        made.cell(text=text)
    return bytes(made.output())


class Builder:
    """Makes the scenario piece by piece."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.group = world.groups[personas.GROUP]
        self.shared = Topic.objects.create(name="Shared by all", slug="shared-by-all")
        self.images: dict[str, HubImage] = {}
        self.number = 0

    def build(self) -> None:
        """Everything: sections first, then items, then what leads to them."""
        world, home = self.world, self.world.sections["home"]
        hidden = self.item("plain", "draft", NOBODY)
        hidden.thing = self.add(home, PlainPage(title=hidden.words["title"], live=False, audience="public"))
        world.sections["hidden"] = hidden.thing
        for audience in ("public", "members", "full", "group", "group_full"):
            self.make_image(audience)
        for state in STATES:
            self.make("group", state)
        self.make_group_home()
        for kind in ("resource", "guidebook", "event", "past", "standard", "plain", "chapter"):
            for state in STATES:
                self.make(kind, state)
        for item in list(world.pages("guidebook", aliases=False)):
            self.make_chapter_below(item)
        self.translate()
        self.make_aliases()
        self.lead_everywhere()
        self.name_and_recommend()
        for person in world.people.values():
            if isinstance(person, User):
                topics = Topic.objects.all()
                FollowedTopic.objects.bulk_create([FollowedTopic(user=person, topic=topic) for topic in topics])
        self.save_searches()

    def save_searches(self) -> None:
        """A saved search of everybody's, with an alert and a feed that names titles, for which all is new."""
        HubPage.objects.update(first_published_at=timezone.now())
        for name, person in self.world.people.items():
            if isinstance(person, User):
                search, _new = saved.save(person, SAVED, SAVED_NAME.format(name), "daily")
                search.looked_at = search.told_until = timezone.now() - timedelta(days=2)
                search.feed_digest, search.feed_titles = saved.digest_of(f"token-of-{name}"), "full"
                search.save()
                self.world.searches[name] = search

    def item(self, kind: str, state: str, readers: frozenset[str], **more: Any) -> Item:
        """A new item with a title and a summary."""
        item = Item(kind, state, readers, **more)
        self.world.items.append(item)
        for name in ("title", "summary"):
            self.world.word(item, name)
        return item

    def add(self, parent: HubPage, page: Any) -> Any:
        """Put a page below another; its address holds its title."""
        page.slug = page.slug or page.title.lower()
        return HubPage.objects.get(pk=parent.pk).specific.add_child(instance=page)

    def make(self, kind: str, state: str) -> None:
        """A page of one kind in one state, every text of it with a word of its own."""
        how = STATES[state]
        item = self.item(kind, state, how.readers, teased=how.teaser)
        page = getattr(self, f"new_{kind}")(item)
        page.title, page.summary = item.words["title"], item.words["summary"]
        page.audience, page.teaser, page.live = how.audience, how.teaser, how.live
        if kind != "group" and how.of_group:
            page.working_group = self.group
        if state == "scheduled":
            page.go_live_at = timezone.now() + timedelta(days=2)
        page.body = self.body_of(item)
        if "topic" in SHOWN[kind] or "topic" in FOUND_BY[kind]:
            word = self.world.word(item, "topic")
            page.topics.set([Topic.objects.create(name=word, slug=word), self.shared])
        if "keyword" in FOUND_BY[kind]:
            word = self.world.word(item, "keyword")
            page.keywords.set([Keyword.objects.create(name=word, slug=word)])
        item.thing = self.add(self.parent_of(kind, how), page)
        if not how.live:
            # Its words stand in a revision too, as they do when an editor saves a draft.
            item.thing.save_revision(approved_go_live_at=item.thing.go_live_at)
        if "file" in SHOWN[kind]:
            self.make_file(item)

    def parent_of(self, kind: str, how: State) -> HubPage:
        """The section a page stands in."""
        world = self.world
        if how.below_draft:
            return world.sections["hidden"]
        if kind == "chapter":
            return world.one("guidebook", "public").thing
        if kind == "group":
            return world.sections["groups"]
        if how.of_group and kind in ("resource", "guidebook", "event", "past"):
            return world.sections["group home"]
        section = {"resource": "library", "guidebook": "guidebooks", "event": "events", "past": "events"}
        return world.sections[section.get(kind, {"standard": "standards", "plain": "home"}.get(kind, ""))]

    def body_of(self, item: Item) -> list[dict[str, Any]]:
        """A body with words in a heading, a paragraph and what a picture shows."""
        how, word = STATES[item.state], self.world.word
        image = self.images["full" if how.audience == "full" else how.audience]
        terms = f" Or {word(item, 'term')}, or {word(item, 'near')}." if item.kind == "resource" else ""
        return [
            {"type": "heading", "value": {"level": "2", "text": word(item, "heading"), "anchor": ""}},
            {"type": "paragraph", "value": f"<p>Here {IN_ALL} {word(item, 'body')} for readers.{terms}</p>"},
            {
                "type": "figure",
                "value": {
                    "image": image.pk,
                    "alt": word(item, "alt"),
                    "decorative": False,
                    "caption": "",
                    "credit": "",
                },
            },
        ]

    def name_and_recommend(self) -> None:
        """Terms that stand in one resource alone, and recommendations of each."""
        concept = Concept.objects.create(name="In all")
        Term.objects.create(concept=concept, language="en", words=IN_ALL, kind=Term.Kind.PREFERRED)
        for position, state in enumerate(reversed(STATES)):
            item = self.world.one("resource", state)
            Term.objects.create(concept=concept, language="en", words=item.words["term"])
            near = Concept.objects.create(name=f"Near {state}")
            Term.objects.create(concept=near, language="en", words=item.words["near"], kind=Term.Kind.PREFERRED)
            concept.related.add(near)
            page = HubPage.objects.get(pk=item.thing.pk)
            BestBet.objects.create(words=IN_ALL, page=page, position=position)

    def new_resource(self, item: Item) -> ResourcePage:
        word = self.world.word
        return ResourcePage(
            resource_kind="practice",
            staff=word(item, "staff"),
            risks=word(item, "risks"),
            cost=word(item, "edge"),
            setting=["prison"],
            published_on=datetime(2024, 5, 6, tzinfo=UTC),
        )

    def new_guidebook(self, item: Item) -> GuidebookPage:
        return GuidebookPage(edition=self.world.word(item, "edition"))

    def new_chapter(self, item: Item) -> ChapterPage:
        return ChapterPage()

    def new_event(self, item: Item) -> EventPage:
        word = self.world.word
        event = EventPage(
            starts_at=timezone.now() + timedelta(days=3),
            time_zone="Africa/Nairobi",
            capacity=word(item, "capacity"),
            join_link=f"https://meet.example/{word(item, 'join')}",
            poor_line=f"<p>{word(item, 'poor_line')}</p>",
        )
        event.speakers.set([EventSpeaker(name=word(item, "speaker"), role="Counsellor")])
        return event

    def new_past(self, item: Item) -> EventPage:
        word = self.world.word
        event = EventPage(
            event_kind="meeting",
            starts_at=timezone.now() - timedelta(days=3),
            join_link=f"https://meet.example/{word(item, 'over')}",
            transcript=f"[00:01:00] **Miriam:** They said {word(item, 'transcript')} then.",
            recording=word(item, "recording"),
            afterwards=f"<p>{word(item, 'afterwards')}</p>",
        )
        event.speakers.set([EventSpeaker(name=word(item, "speaker"), role="Counsellor")])
        return event

    def new_standard(self, item: Item) -> StandardPage:
        word = self.world.word
        self.number += 1
        page = StandardPage(number=f"S{self.number}", edition=word(item, "edition"))
        page.clauses.set(
            [Clause(number=1, text=f"<p>{word(item, 'clause')}</p>", guidance=f"<p>{word(item, 'guidance')}</p>")]
        )
        return page

    def new_group(self, item: Item) -> WorkingGroupPage:
        """The page of a group of its own: its name is a word too. The group of the tests where a group reads it."""
        group = self.group
        if item.state != "group":
            name = self.world.word(item, "group_name")
            group = WorkingGroup.objects.create(name=name, slug=name, kind="theme")
        agenda = f"<p>{self.world.word(item, 'agenda')}</p>"
        if item.state == "group_full":
            # Full members of another group than the tests': nobody but the secretariat.
            item.readers = SECRETARIAT
        return WorkingGroupPage(working_group=group, agenda=agenda)

    def new_plain(self, item: Item) -> PlainPage:
        return PlainPage()

    def make_group_home(self) -> None:
        """An open section for what the group publishes."""
        group = WorkingGroup.objects.create(name="A group of few", slug="few", kind="location")
        page = WorkingGroupPage(title="Home of few", slug="few", audience="public", working_group=group)
        # Its own group owns only the page; what stands below names the group of the tests.
        self.world.sections["group home"] = self.add(self.world.sections["groups"], page)

    def make_image(self, audience: str) -> None:
        """A picture, with its renditions; its words are never written out."""
        readers = next(state.readers for state in STATES.values() if state.audience == audience)
        item = Item("image", audience, readers)
        self.world.items.append(item)
        out = io.BytesIO()
        Image.new("RGB", (640, 400), "teal").save(out, "PNG")
        stored = ContentFile(out.getvalue(), name=f"{self.world.word(item, 'file_name_of_image')}.png")
        stored.is_clean = True  # type: ignore[attr-defined]
        image = HubImage(
            title=self.world.word(item, "image_title"),
            description=self.world.word(item, "image_description"),
            file=stored,
            audience=audience,
            working_group=self.group if audience.startswith("group") else None,
        )
        image.save()
        item.thing = image
        self.images[audience] = image
        self.world.renditions[audience] = [image.get_rendition("width-480"), image.get_rendition("max-50x50")]

    def make_file(self, item: Item) -> None:
        """A file of the page, for the page's own readers."""
        how = STATES[item.state]
        audience = "group_full" if how.below_draft or not how.live else how.audience
        readers = FULL_IN_GROUP if audience == "group_full" else how.readers
        file = Item("document", f"of {item}", readers)
        self.world.items.append(file)
        word = self.world.word
        texts = [word(file, "text"), word(file, "inside")]
        content = pdf_of(texts) if item.kind == "resource" else "\n".join(texts).encode()
        ending = "pdf" if item.kind == "resource" else "txt"
        stored = ContentFile(content, name=f"{word(file, 'file_name')}.{ending}")
        stored.is_clean = True  # type: ignore[attr-defined]
        document = HubDocument(
            title=word(file, "file_title"),
            file=stored,
            audience=audience,
            working_group=self.group if audience.startswith("group") else None,
        )
        document.save()
        file.thing = document
        item.words["file"] = document.title
        if item.kind == "resource":
            FileOfPage.objects.create(page=HubPage.objects.get(pk=item.thing.pk), document=document)
        else:
            item.thing.recording_file = document
            item.thing.save()

    def make_chapter_below(self, book: Item) -> None:
        """A chapter of each book, as closed as the book, without a teaser of its own."""
        readers = SECRETARIAT if not STATES[book.state].live else book.readers
        item = self.item("chapter", f"below {book}", readers)
        word = self.world.word
        page = ChapterPage(title=item.words["title"], summary=item.words["summary"], audience="public")
        page.body = [
            {"type": "heading", "value": {"level": "2", "text": word(item, "heading"), "anchor": ""}},
            {"type": "paragraph", "value": f"<p>{word(item, 'body')}</p>"},
        ]
        item.thing = self.add(book.thing, page)

    def translate(self) -> None:
        """German versions with words of their own."""
        german = Locale.objects.get(language_code="de")
        for kind in ("resource", "guidebook", "event", "standard"):
            for state in ("public", "members_teaser", "full"):
                source = self.world.one(kind, state)
                item = self.item(kind, state, source.readers, teased=source.teased, language="de", version_of=source)
                page = source.thing.copy_for_translation(german)
                page.title, page.summary = item.words["title"], item.words["summary"]
                page.slug = page.title
                page.body = [{"type": "paragraph", "value": f"<p>{self.world.word(item, 'body')}</p>"}]
                if kind == "event":
                    page.capacity = self.world.word(item, "capacity")
                    page.join_link = f"https://meet.example/{self.world.word(item, 'join')}"
                page.save_revision().publish()
                item.thing = HubPage.objects.get(pk=page.pk).specific

    def make_aliases(self) -> None:
        """Aliases of closed pages at open places."""
        target = self.world.sections["group home"]
        for kind in ("resource", "guidebook", "event"):
            for state in ("members", "full", "group_full"):
                source = self.world.one(kind, state)
                alias = source.thing.create_alias(parent=target, update_slug=f"alias-{source.words['title']}")
                self.world.items.append(
                    Item(kind, f"alias of {state}", source.readers, alias, words=source.words, is_alias=True)
                )

    def lead_everywhere(self) -> None:
        """An open page, introductions, an agenda and a clause that lead to everything, and redirects."""
        world = self.world
        pages, files = list(world.pages()), [item for item in world.items if item.kind == "document"]
        links = [f'<p><a linktype="page" id="{item.thing.pk}">a page</a></p>' for item in pages]
        links += [f'<p><a linktype="document" id="{item.thing.pk}">a file</a></p>' for item in files]
        links += [
            f'<p><a linktype="clause" id="{item.thing.number}.1">a clause</a></p>' for item in world.pages("standard")
        ]
        body: list[dict[str, Any]] = [{"type": "paragraph", "value": "".join(links)}]
        body += [{"type": "link", "value": {"page": item.thing.pk, "clause": "", "text": ""}} for item in pages]
        crossroads = PlainPage(title="Crossroads", slug="crossroads", audience="public")
        crossroads.body = body
        world.sections["crossroads"] = self.add(world.sections["home"], crossroads)
        for name in ("library", "guidebooks", "events", "standards", "groups"):
            section = HubPage.objects.get(pk=world.sections[name].pk).specific
            section.introduction = "".join(links)
            section.save()
        home = WorkingGroupPage.objects.get(pk=world.sections["group home"].pk)
        home.agenda = "".join(links)
        home.save()
        clause = Clause.objects.get(page=world.one("standard", "public").thing)
        ClauseSource.objects.bulk_create(
            [ClauseSource(clause=clause, page_id=item.thing.pk, sort_order=n) for n, item in enumerate(pages)]
        )
        for item in pages:
            Redirect.objects.create(old_path=f"/old/{item.thing.pk}", redirect_page_id=item.thing.pk)
        # A change that nobody has published yet.
        pending = world.one("resource", "public")
        draft = ResourcePage.objects.get(pk=pending.thing.pk)
        draft.title = world.word(pending, "pending")
        draft.save_revision()
