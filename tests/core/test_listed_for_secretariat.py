"""Who sees all is listed all."""

from __future__ import annotations

import pytest

from core.access import Viewer
from core.models import HubPage

pytestmark = pytest.mark.django_db


def test_the_secretariat_is_listed_what_is_closed_and_what_has_a_teaser(make_page):
    for title, fields in [
        ("Open", {}),
        ("Closed", {"audience": "full"}),
        ("Teased", {"audience": "full", "teaser": True}),
    ]:
        make_page(title, **fields)
    listed = HubPage.objects.listed_for(Viewer(sees_all=True)).values_list("title", flat=True)
    assert {"Open", "Closed", "Teased"} <= set(listed)
