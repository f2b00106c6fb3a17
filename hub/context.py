"""What the frame around every page shows: menu, languages, footer, and who is signed in."""

from __future__ import annotations

from hashlib import sha256
from typing import Any, cast

from django.conf import settings
from django.contrib.messages import get_messages
from django.core.cache import cache
from django.http import HttpRequest
from django.urls import translate_url
from django.utils.translation import get_language, get_language_info

from core.access import Viewer, viewer_of
from core.models import Generation, HubPage
from hub.models import PlainPage
from members.models import User

MENU_SECONDS = 3600  # a bound for memory only: the generation in the key says when it is out of date


def site(request: HttpRequest) -> dict[str, Any]:
    """The variables of ``base.html``; in Wagtail's admin only what it says after a deed."""
    if request.path_info.startswith("/admin/"):
        return {"messages": get_messages(request) if request.COOKIES else []}
    viewer = viewer_of(request)
    links = menu_for(viewer)
    context = {
        "viewer": viewer,
        "home_url": links["home"],
        "menu": [{**item, "is_current": request.path.startswith(item["url"])} for item in links["menu"]],
        "footer_links": links["footer"],
        "places": links["places"],
        "language_links": LanguageLinks(request),
        "signed_in": viewer.signed_in,
        # A visitor without any cookie can have no message, and must not cause a session.
        "messages": get_messages(request) if request.COOKIES else [],
    }
    if viewer.signed_in:
        context["account_name"] = cast(User, request.user).display_name
    return context


def menu_for(viewer: Viewer) -> dict[str, Any]:
    """Links of the header and the footer that this viewer may follow, from the cache."""
    language = (get_language() or settings.LANGUAGE_CODE)[:2]
    keys = "all" if viewer.sees_all else ",".join(sorted(viewer.keys))
    name = f"menu:{Generation.current()}:{language}:{sha256(keys.encode()).hexdigest()}"
    links: dict[str, Any] | None = cache.get(name)
    if links is None:
        home = HubPage.objects.filter(depth=2, locale__language_code=language).first()
        below = list(home.children_for(viewer).specific()) if home else []
        links = {
            "home": home.url if home else "/",
            "menu": [link(page) for page in below if not isinstance(page, PlainPage)],
            "footer": [link(page) for page in below if isinstance(page, PlainPage)],
            # By the slug of the English original, which is the same in every language's tree.
            "places": {page.slug: page.url for page in below},
        }
        cache.set(name, links, MENU_SECONDS)
    return links


def link(page: HubPage) -> dict[str, str]:
    """A page as a link."""
    return {"title": page.title, "url": page.url}


class LanguageLinks:
    """The same place in the other languages; worked out only where a template shows it.

    A page's own versions are handed over by the page (``version_urls``); where an item has no
    version in a language, the link leads to that language's home.
    """

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    def __iter__(self) -> Any:
        versions: dict[str, str] | None = getattr(self.request, "version_urls", None)
        current = (get_language() or settings.LANGUAGE_CODE)[:2]
        for code, _name in settings.LANGUAGES:
            if code == current:
                url = self.request.path
            elif versions is not None:
                url = versions.get(code) or home_of(code)
            else:
                url = translate_url(self.request.get_full_path(), code)
            yield code, get_language_info(code)["name_local"], url, code == current


def home_of(language: str) -> str:
    """The address of a language's home page."""
    return "/" if language == settings.LANGUAGE_CODE else f"/{language}/"
