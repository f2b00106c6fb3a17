"""No page type breaks a rule of accessibility that axe can check, in any form it is shown in."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import PHONE, WIDE, Opened
from tests.browser.page_types import PAGE_TYPES, PageType, name_of, readings

# All rules that are on by themselves, and the size of targets (WCAG 2.2), which axe leaves off.
EVERYTHING: dict[str, Any] = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
COLOURS: dict[str, Any] = {"resultTypes": ["violations"], "runOnly": ["color-contrast", "link-in-text-block"]}


def violations(page: Page, options: dict[str, Any]) -> list[str]:
    """What axe finds wrong, a line for each element."""
    found: dict[str, Any] = Axe().run(page, options=options).response
    return [
        f"{rule['id']}: {rule['help']}: {node['html'][:200]} ({node['failureSummary'][:300]})"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def violations_in_every_form(page: Page) -> dict[str, list[str]]:
    """The same, wide and on a phone, in light and dark; the dark differs by its colours alone."""
    wrong = {}
    for form, size in (("wide", WIDE), ("phone", PHONE)):
        page.set_viewport_size(size)
        for scheme, options in (("light", EVERYTHING), ("dark", COLOURS)):
            page.emulate_media(color_scheme=scheme)
            if found := violations(page, options):
                wrong[f"{form}, {scheme}"] = found
    return wrong


@pytest.mark.parametrize(("kind", "reader"), readings(PAGE_TYPES), ids=name_of)
def test_no_page_type_breaks_a_rule_of_accessibility(opened: Opened, kind: PageType, reader: str):
    page = opened(reader)
    assert kind.open(page) == kind.status
    assert violations_in_every_form(page) == {}
