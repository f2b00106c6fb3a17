"""Which engine a run of the tests searches with: the hub's own, or the one that SEARCH_URL names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings

# Read once: single tests put other settings in their place.
CONFIGURED: dict[str, Any] = dict(settings.WAGTAILSEARCH_BACKENDS["default"])
IS_OWN = CONFIGURED["BACKEND"] == "search.backend"


def backends(folder: Path) -> dict[str, dict[str, Any]]:
    """Give the setting for one test: an index of its own in a folder, or the other engine, whose index is in tables."""
    return {"default": {**CONFIGURED, "PATH": folder} if IS_OWN else dict(CONFIGURED)}
