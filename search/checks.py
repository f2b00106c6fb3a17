"""What Django checks before it touches the database: that PostgreSQL knows the configuration the settings name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connection

from search.configuration import default_backend


@register(Tags.database)
def search_config_exists(
    app_configs: Any = None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Refuse a SEARCH_CONFIG that PostgreSQL does not have; every search would be an error."""
    config = default_backend()
    if "SEARCH_CONFIG" not in config or connection.alias not in (databases or ()):
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT cfgname FROM pg_ts_config ORDER BY cfgname")
        known = [name for (name,) in cursor.fetchall()]
    if config["SEARCH_CONFIG"] in known:
        return []
    return [
        Error(
            f"SEARCH_CONFIG={config['SEARCH_CONFIG']}: this PostgreSQL has no such text search configuration",
            hint=f"It has {', '.join(known)}.",
            id="search.E001",
        )
    ]
