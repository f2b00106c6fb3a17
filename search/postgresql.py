"""modelsearch's PostgreSQL backend, asked as the hub asks: any word may match, and no text can break a query.

Named by the settings as ``"BACKEND": "search.postgresql"``, with ``"SEARCH_CONFIG"`` the one text search configuration
for all languages.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from modelsearch.backends.database.postgres.postgres import (
    PostgresAutocompleteQueryCompiler,
    PostgresSearchBackend,
    PostgresSearchQueryCompiler,
)
from modelsearch.query import Phrase, PlainText, SearchQuery

from search.engine import LONGEST_QUERY, tokens


class _Plainly:
    """Reads texts as words, so that nothing in them is syntax, and no more of them than our own engine."""

    query: SearchQuery
    queryset: QuerySet[Any]

    def __init__(self, queryset: QuerySet[Any], query: Any, **options: Any) -> None:
        super().__init__(queryset, query, **options)  # type: ignore[call-arg]
        self.has_words = True
        if isinstance(self.query, (PlainText, Phrase)):
            words = " ".join(list(dict.fromkeys(tokens(self.query.query_string)))[:LONGEST_QUERY])
            if isinstance(self.query, Phrase):
                words = " ".join(tokens(self.query.query_string)[:LONGEST_QUERY])
            self.has_words = bool(words)
            self.query = Phrase(words) if isinstance(self.query, Phrase) else PlainText(words, self.query.operator)

    def search(self, *args: Any, **options: Any) -> QuerySet[Any]:
        if not self.has_words:
            return self.queryset.none()
        found: QuerySet[Any] = super().search(*args, **options)  # type: ignore[misc]
        return found


class QueryCompiler(_Plainly, PostgresSearchQueryCompiler):
    DEFAULT_OPERATOR = "or"


class AutocompleteQueryCompiler(_Plainly, PostgresAutocompleteQueryCompiler):
    pass


class SearchBackend(PostgresSearchBackend):
    query_compiler_class = QueryCompiler
    autocomplete_query_compiler_class = AutocompleteQueryCompiler
