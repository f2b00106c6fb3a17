"""Which engine the settings name, and where ours has its index."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from modelsearch.conf import get_app_config

from search.store import IndexUnavailable, Store


def default_backend() -> dict[str, Any]:
    """Give the settings of the default backend, whichever it is."""
    config: dict[str, Any] = get_app_config().get_search_backend_config()["default"]
    return config


def configured() -> dict[str, Any] | None:
    """Give the settings of the default backend if it is this one."""
    config = default_backend()
    return config if config["BACKEND"].startswith("search.backend") else None


def default_store() -> Store:
    """Give the store of the default backend. Raises ``IndexUnavailable`` when the default is another backend."""
    config = configured()
    if config is None:
        raise IndexUnavailable("the settings name another search backend")
    return Store(Path(config["PATH"]))


def may_start_threads() -> bool:
    """Say whether work that takes long may be done in a thread of its own, see ``search.backend``."""
    return bool(default_backend().get("REPAIR", True))
