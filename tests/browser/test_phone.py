"""On the narrowest phone nothing has to be pushed sideways to be read."""

from __future__ import annotations

import pytest

from tests.browser.conftest import PHONE, Opened
from tests.browser.page_types import ARABIC, PAGE_TYPES, PageType

GERMAN = [
    PageType("home", "/de/"),
    PageType("library", "/de/library/"),
    PageType("search", "/de/search/?q=Eltern"),
    PageType("chapter", "/de/guidebooks/the-first-ten-conversations/the-first-conversation/"),
    PageType("standard", "/de/standards/safeguarding/"),
    PageType("how to join", "/de/join/"),
]
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("width", [360, 320])  # the narrowest phones in use; WCAG 2.2, 1.4.10 "Reflow"
@pytest.mark.parametrize("reader", ["", "lead", "associate", "lapsed"], ids=lambda reader: reader or "anonymous")
def test_no_page_scrolls_sideways(opened: Opened, reader: str, width: int):
    page = opened(reader, viewport={**PHONE, "width": width})
    sideways = {}
    for kind in [*PAGE_TYPES, *ARABIC, *GERMAN]:
        if reader not in kind.readers:
            continue
        page.goto(kind.address)
        if (pixels := page.evaluate(SIDEWAYS)) > 0:
            sideways[kind.address] = pixels
    assert sideways == {}
