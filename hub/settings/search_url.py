"""What SEARCH_URL means: which engine the hub searches with."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit, urlunsplit

from django.core.exceptions import ImproperlyConfigured

FORMS = (
    "nothing (the hub's own engine), postgresql, or "
    "(opensearch|elasticsearch)[+https]://[user:password@]host[:port]/index-prefix[?version=N&timeout=SECONDS]"
)
OWN, POSTGRESQL = "search.backend", "search.postgresql"
# By scheme: the major versions that modelsearch has a backend for, the one that is meant first.
CLUSTERS = {"opensearch": (3, 2), "elasticsearch": (9, 8)}
PORT = 9200
LONGEST_WAIT = 60  # seconds; a request that saves waits for the cluster

_PREFIX = re.compile(r"[a-z0-9][a-z0-9_-]{0,60}")
_CONFIG = re.compile(r"[a-z][a-z0-9_]{0,62}")


def search_backend(url: str, *, path: Path, database: str, config: str = "simple") -> dict[str, Any]:
    """Give the entry of ``WAGTAILSEARCH_BACKENDS`` for an address.

    Args:
        url: The variable SEARCH_URL, in one of ``FORMS``.
        path: The folder of the hub's own index.
        database: Engine of the default database, as Django names it.
        config: Text search configuration of PostgreSQL, for texts in all languages.

    Raises:
        ImproperlyConfigured: The address has none of the forms, or asks for PostgreSQL where the database is another.

    >>> search_backend("opensearch+https://me:s%40e@box/hub", path=Path("x"), database="")["OPTIONS"]["http_auth"]
    ('me', 's@e')
    """
    url = url.strip()
    if not url:
        return {"BACKEND": OWN, "PATH": path}
    if url in ("postgresql", "postgresql://"):
        if not database.endswith(("postgresql", "postgresql_psycopg2")):
            raise ImproperlyConfigured(
                "SEARCH_URL=postgresql searches in the hub's own database: set DATABASE_URL to a PostgreSQL too"
            )
        if not _CONFIG.fullmatch(config):
            raise ImproperlyConfigured("SEARCH_CONFIG: give the name of a text search configuration, such as simple")
        return {"BACKEND": POSTGRESQL, "SEARCH_CONFIG": config}
    return _cluster(url)


def _cluster(url: str) -> dict[str, Any]:
    try:
        parts = urlsplit(url)
        port = parts.port or PORT
        options = {name: values[-1] for name, values in parse_qs(parts.query, strict_parsing=bool(parts.query)).items()}
        version, timeout = (int(options.pop(name, "0")) for name in ("version", "timeout"))
    except ValueError as error:
        raise _refused() from error
    kind, _plus, security = parts.scheme.partition("+")
    prefix = parts.path.strip("/")
    versions = CLUSTERS.get(kind, ())
    if (
        not versions
        or security not in ("", "http", "https")
        or not parts.hostname
        or not _PREFIX.fullmatch(prefix)
        or options
        or parts.fragment
        or version not in (0, *versions)
        or not 0 <= timeout <= LONGEST_WAIT
        or (parts.username is None) != (parts.password is None)
    ):
        raise _refused()
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    backend: dict[str, Any] = {
        "BACKEND": f"modelsearch.backends.{kind}{version or versions[0]}",
        # Without the password: modelsearch would send it as it stands in the address, with its % signs.
        "URLS": [urlunsplit((security or "http", f"{host}:{port}", "", "", ""))],
        "INDEX_PREFIX": f"{prefix}-",
        "TIMEOUT": timeout or 10,
    }
    if parts.username is not None:
        name = "http_auth" if kind == "opensearch" else "basic_auth"
        backend["OPTIONS"] = {name: (unquote(parts.username), unquote(parts.password or ""))}
    return backend


def _refused() -> ImproperlyConfigured:
    # The address itself is not repeated: it may hold a password.
    return ImproperlyConfigured(f"SEARCH_URL is not understood. It may be {FORMS}: see docs/settings.md")
