"""From right to left: the same rules, and nothing is left standing on its head."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Opened
from tests.browser.page_types import ARABIC, PageType, name_of, readings
from tests.browser.test_accessibility import violations_in_every_form


@pytest.mark.parametrize(("kind", "reader"), readings(ARABIC), ids=name_of)
def test_no_page_type_breaks_a_rule_of_accessibility_in_arabic(opened: Opened, kind: PageType, reader: str):
    page = opened(reader)
    assert kind.open(page) == kind.status
    assert page.locator("html").get_attribute("dir") == "rtl"
    assert violations_in_every_form(page) == {}
