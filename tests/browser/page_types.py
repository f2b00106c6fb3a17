"""One address of every type of page a visitor can meet, in the content that ``fill`` loads."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urljoin

from playwright.sync_api import Page

ANYBODY = ("", "lead")
MEMBER = ("lead",)
STRANGER = ("",)
OUTSIDER = ("associate",)
KEEPER = ("full",)
"""Who keeps, writes and gives in ``doings``."""
FELLOW = ("groupmember",)
"""Who is in the group, and leads nothing."""
GROUP = "/working-groups/family-and-community/"


@dataclass(frozen=True)
class PageType:
    """An example of a type of page.

    Args:
        readers: For whom it is looked at: nobody in particular (""), or a person of the demo.
        status: What the server answers.
        steps: Selectors of the links that lead on from the address, where the page's own holds a number.
        unfolded: Whether all that is folded in it is looked at open.
    """

    name: str
    address: str
    readers: tuple[str, ...] = ANYBODY
    status: int = 200
    steps: tuple[str, ...] = ()
    unfolded: bool = False

    def open(self, page: Page) -> int:
        """Go there in a browser window, as a reader would; returns what the server answered."""
        answer = page.goto(self.address)
        for step in self.steps:
            link = page.locator(step).first
            on = link.get_attribute("href") or link.get_attribute("data-copy") or ""
            answer = page.goto(urljoin(page.url, on))
        if self.unfolded:
            page.locator("main details").evaluate_all("all => all.forEach((one) => { one.open = true; })")
        return answer.status if answer else 0


FIRST_BOOK = "/guidebooks/the-first-ten-conversations/"
CHAPTER = f"{FIRST_BOOK}the-first-conversation/"
CHANGED = f"{FIRST_BOOK}doubt/"
PRACTICE = "/library/parents-first-call/"
OF_GROUP = "/groups/family-and-community/brothers-and-sisters/"

PAGE_TYPES = [
    PageType("home", "/"),
    PageType("library", "/library/"),
    PageType("library with filters", "/library/?kind=practice&setting=prison"),
    PageType("topic", "/library/?topic=families-and-communities"),
    PageType("search form", "/search/"),
    PageType("search with results", "/search/?q=parents"),
    PageType("search with filters by date", "/search/?q=parents&kind=practice&sort=date"),
    PageType("search without results", "/search/?q=zzqqxx&kind=practice&setting=prison"),
    PageType("guidebooks", "/guidebooks/"),
    PageType("guidebook", FIRST_BOOK),
    PageType("chapter", CHAPTER),
    PageType("chapter with a worksheet", f"{FIRST_BOOK}before-the-first-word/"),
    PageType("on this device", "/offline/"),
    PageType("events", "/events/"),
    PageType("coming event", "/events/standards-open-house/"),
    PageType("past event with transcript", "/events/supporting-parents-webinar/"),
    PageType("standards", "/standards/"),
    PageType("standard", "/standards/safeguarding/"),
    PageType("groups", "/groups/"),
    PageType("group", "/groups/family-and-community/"),
    PageType("practice", PRACTICE),
    PageType("lesson", "/library/lesson-gang-exit/", MEMBER),
    PageType("group, asking to join", f"{GROUP}join/", OUTSIDER),
    PageType("group's people", f"{GROUP}people/", MEMBER),
    PageType("group's authors", f"{GROUP}authors/", MEMBER),
    PageType("group's tasks", f"{GROUP}tasks/", MEMBER),
    PageType("group's new task", f"{GROUP}tasks/new/", MEMBER),
    PageType("group's decisions", f"{GROUP}decisions/", MEMBER),
    PageType("group's new decision", f"{GROUP}decisions/new/", MEMBER),
    PageType("group's numbers", f"{GROUP}numbers/", ("lead", "author")),
    PageType("group's people, as one of them", f"{GROUP}people/", FELLOW),
    PageType("group's people, unfolded", f"{GROUP}people/", MEMBER, unfolded=True),
    PageType("group's request to join", f"{GROUP}people/", MEMBER, steps=("a[href*='/requests/']",)),
    PageType("group's author", f"{GROUP}people/", MEMBER, steps=("a[href*='/authors/']:not([href$='/authors/'])",)),
    PageType("group's task", f"{GROUP}tasks/", MEMBER, steps=("form a[href*='/tasks/']",)),
    PageType("group's decision", f"{GROUP}decisions/", MEMBER, steps=(".entry a[href*='/decisions/']",)),
    PageType("group, asked to join", "/groups/family-and-community/", ("seat", "student")),
    PageType("group, leaving", f"{GROUP}leave/", MEMBER),
    PageType("group, all of mine", "/working-groups/", MEMBER),
    PageType("give something", "/contribute/", MEMBER),
    PageType("give a practice note", "/contribute/practice/", MEMBER),
    PageType("give an event", "/contribute/event/", MEMBER),
    PageType("give, thanks", "/contribute/thanks/", MEMBER),
    PageType("given suggestions", "/suggestions/", MEMBER),
    PageType("given suggestion", "/suggestions/", MEMBER, steps=("article a[href*='/suggestions/']",)),
    PageType("suggest a change", CHANGED, KEEPER, steps=("a[href*='/contribute/suggestion/']",)),
    PageType("practice, unfolded", PRACTICE, ("", "full"), unfolded=True),
    PageType("guidebook, unfolded", FIRST_BOOK, ("", "full"), unfolded=True),
    PageType("edition", PRACTICE, steps=("a[href*='/editions/']",), unfolded=True),
    PageType("edition before the newest", PRACTICE, STRANGER, steps=("p > span:last-of-type > a[href*='/editions/']",)),
    PageType("edition of a book", FIRST_BOOK, STRANGER, steps=("a[href*='/editions/']",)),
    PageType("chapter of an edition", FIRST_BOOK, STRANGER, steps=("a[href*='/editions/']", ".prose a[href*='/1/']")),
    PageType("guidebook on a device", FIRST_BOOK, ("", "full"), steps=("[data-copy]",)),
    PageType("history of a chapter", CHANGED, steps=("a[href*='/changes/']",)),
    PageType("history of a book", FIRST_BOOK, STRANGER, steps=("a[href*='/changes/']",)),
    PageType("chapter that changed, with notes", CHANGED, KEEPER),
    PageType("chapter with what changed", f"{CHANGED}?changes", KEEPER),
    PageType("what I have read", "/account/reading/", ("lead", "full")),
    PageType("my notes", "/account/notes/", ("lead", "full")),
    PageType("my note", "/account/notes/", KEEPER, steps=("main a[href*='/account/notes/']",)),
    PageType("my notes on a chapter", CHANGED, ("lead", "full"), steps=("a[href*='/account/notes/on/']",)),
    PageType("my new note", CHANGED, KEEPER, steps=("a[href*='/notes/on/']", "#places li:last-child a")),
    PageType("my reading lists", "/account/lists/", ("lead", "full", "groupmember")),
    PageType("my reading list", "/account/lists/", KEEPER, steps=(".entry__title a",), unfolded=True),
    PageType("my reading list, changing", "/account/lists/", KEEPER, steps=(".entry__title a", "a[href$='/change/']")),
    PageType("reading list that is shared", "/account/lists/", MEMBER, steps=(".entry__title a",)),
    PageType("saving to a reading list", PRACTICE, ("lead", "full"), steps=("a[href*='/lists/save/']",)),
    PageType("tried it, writing", PRACTICE, MEMBER, steps=("a[href*='/tried/']",)),
    PageType("tried it, changing", PRACTICE, KEEPER, steps=("li a[href*='/tried/']:not([href$='/report/'])",)),
    PageType("tried it, reporting", PRACTICE, MEMBER, steps=("a[href*='/tried/'][href$='/report/']",)),
    PageType("tried it, reported", "/tried/reported/", ("lead", "secretariat")),
    PageType("tried it, taking away", "/tried/reported/", MEMBER, steps=("a[href$='/remove/']",)),
    PageType("group's own practice, tried", OF_GROUP, (*MEMBER, *FELLOW)),
    PageType("my saved search", "/account/searches/", KEEPER, steps=("main a[href*='/account/searches/']",)),
    PageType("my saved searches, with one", "/account/searches/", KEEPER),
    PageType("account of who gave", "/account/", KEEPER),
    PageType("home of who keeps", "/", KEEPER),
    PageType("plain page", "/about/"),
    PageType("how to join", "/join/"),
    PageType("sign-in", "/accounts/login/", STRANGER),
    PageType("password reset", "/accounts/password/reset/", STRANGER),
    PageType("password reset sent", "/accounts/password/reset/done/", STRANGER),
    PageType("sign-out", "/accounts/logout/", MEMBER),
    PageType("new password", "/accounts/password/change/", MEMBER),
    PageType("account", "/account/", ("lead", "lapsed")),
    PageType("my topics", "/account/topics/", MEMBER),
    PageType("my saved searches", "/account/searches/", MEMBER),
    PageType("not there", "/nothing-here/", ("", "lead", "lapsed"), 404),
    PageType("teaser", "/library/listening-for-doubt/", STRANGER),
    PageType("refused", "/library/structured-judgement-tools/", ("associate",), 403),
]
ARABIC = [
    PageType("home", "/ar/"),
    PageType("library", "/ar/library/"),
    PageType("search with results", "/ar/search/?q=الأسرة"),
    PageType("search without results", "/ar/search/?q=zzqqxx"),
    PageType("guidebooks", "/ar/guidebooks/"),
    PageType("guidebook", "/ar/guidebooks/parents-partners-siblings/"),
    PageType("chapter", "/ar/guidebooks/parents-partners-siblings/who-calls/"),
    PageType("events", "/ar/events/"),
    PageType("standards", "/ar/standards/"),
    PageType("groups", "/ar/groups/"),
    PageType("practice", "/ar/library/parents-first-call/"),
    PageType("plain page", "/ar/about/"),
    PageType("sign-in", "/ar/accounts/login/", STRANGER),
    PageType("account", "/ar/account/", MEMBER),
    PageType("my topics", "/ar/account/topics/", MEMBER),
    PageType("my saved searches", "/ar/account/searches/", MEMBER),
    PageType("my notes", "/ar/account/notes/", KEEPER),
    PageType("my reading list", "/ar/account/lists/", KEEPER, steps=(".entry__title a",), unfolded=True),
    PageType("given suggestions", "/ar/suggestions/", MEMBER),
    PageType("group's people", f"/ar{GROUP}people/", MEMBER, unfolded=True),
    PageType("tried it, reported", "/ar/tried/reported/", MEMBER),
    PageType("not there", "/ar/nothing-here/", ANYBODY, 404),
]


def readings(kinds: list[PageType]) -> list[tuple[PageType, str]]:
    """Each type of page with each of its readers."""
    return [(kind, reader) for kind in kinds for reader in kind.readers]


def name_of(value: object) -> str:
    """What a page type or a reader is called in the name of a test."""
    return value.name if isinstance(value, PageType) else str(value) or "anonymous"
