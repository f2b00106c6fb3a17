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
KINDS = [*PAGE_TYPES, *ARABIC, *GERMAN]
READERS = sorted({reader for kind in KINDS for reader in kind.readers})
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("width", [360, 320])  # the narrowest phones in use; WCAG 2.2, 1.4.10 "Reflow"
@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader or "anonymous")
def test_no_page_scrolls_sideways(opened: Opened, reader: str, width: int):
    page = opened(reader, viewport={**PHONE, "width": width})
    sideways = {}
    for kind in KINDS:
        if reader not in kind.readers:
            continue
        kind.open(page)
        if (pixels := page.evaluate(SIDEWAYS)) > 0:
            sideways[f"{kind.name} at {page.url}"] = pixels
    assert sideways == {}
