"""One address of every type of page a visitor can meet, in the content that ``fill`` loads."""

from __future__ import annotations

from dataclasses import dataclass

ANYBODY = ("", "lead")
MEMBER = ("lead",)
STRANGER = ("",)
OUTSIDER = ("associate",)
GROUP = "/working-groups/family-and-community/"


@dataclass(frozen=True)
class PageType:
    """An example of a type of page.

    Args:
        readers: For whom it is looked at: nobody in particular (""), or a person of the demo.
        status: What the server answers.
    """

    name: str
    address: str
    readers: tuple[str, ...] = ANYBODY
    status: int = 200


FIRST_BOOK = "/guidebooks/the-first-ten-conversations/"
CHAPTER = f"{FIRST_BOOK}the-first-conversation/"

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
    PageType("practice", "/library/parents-first-call/"),
    PageType("lesson", "/library/lesson-gang-exit/", MEMBER),
    PageType("group's own practice", "/groups/family-and-community/brothers-and-sisters/", MEMBER),
    PageType("group, asking to join", f"{GROUP}join/", OUTSIDER),
    PageType("group's people", f"{GROUP}people/", MEMBER),
    PageType("group's authors", f"{GROUP}authors/", MEMBER),
    PageType("group's tasks", f"{GROUP}tasks/", MEMBER),
    PageType("group's new task", f"{GROUP}tasks/new/", MEMBER),
    PageType("group's decisions", f"{GROUP}decisions/", MEMBER),
    PageType("group's new decision", f"{GROUP}decisions/new/", MEMBER),
    PageType("group's numbers", f"{GROUP}numbers/", MEMBER),
    PageType("group, leaving", f"{GROUP}leave/", MEMBER),
    PageType("group, all of mine", "/working-groups/", MEMBER),
    PageType("give something", "/contribute/", MEMBER),
    PageType("give a practice note", "/contribute/practice/", MEMBER),
    PageType("give an event", "/contribute/event/", MEMBER),
    PageType("give, thanks", "/contribute/thanks/", MEMBER),
    PageType("given suggestions", "/suggestions/", MEMBER),
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
    PageType("not there", "/ar/nothing-here/", ANYBODY, 404),
]


def readings(kinds: list[PageType]) -> list[tuple[PageType, str]]:
    """Each type of page with each of its readers."""
    return [(kind, reader) for kind in kinds for reader in kind.readers]


def name_of(value: object) -> str:
    """What a page type or a reader is called in the name of a test."""
    return value.name if isinstance(value, PageType) else str(value) or "anonymous"
