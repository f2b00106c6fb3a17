"""What is searched in the measurements: an item with sections, facets, languages and an access key, as a page has."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import models
from modelsearch import index
from modelsearch.queryset import SearchableQuerySetMixin

from search.entries import Entry

FILTERS = (
    *("id", "title", "live", "kind", "access_key", "language", "translation_key"),
    *("teaser", "published_on", "changed_on"),
)


class ItemQuerySet(SearchableQuerySetMixin, models.QuerySet["Item"]):
    pass


class Item(index.Indexed, models.Model):
    """One version of one item. Its search fields are as many and of the same kinds as those of a page."""

    title = models.CharField(max_length=250)
    summary = models.TextField()
    top = models.TextField()
    sections = models.JSONField(default=list)
    """Pairs of heading and text."""
    facets = models.JSONField(default=dict)
    access_key = models.CharField(max_length=50)
    language = models.CharField(max_length=10)
    translation_key = models.CharField(max_length=36)
    teaser = models.BooleanField(default=False)
    live = models.BooleanField(default=True)
    kind = models.CharField(max_length=20)
    published_on = models.DateTimeField()
    changed_on = models.DateTimeField()

    objects = ItemQuerySet.as_manager()

    search_fields = [
        index.SearchField("title", boost=2),
        index.SearchField("summary"),
        index.SearchField("body"),
        index.AutocompleteField("title"),
        *(index.FilterField(name) for name in FILTERS),
    ]

    def __str__(self) -> str:
        return self.title

    @property
    def body(self) -> str:
        """All that can be read, headings included."""
        return "\n".join([self.top, *(f"{heading}\n{text}" for heading, text in self.sections)])

    def search_entries(self) -> Iterator[Entry]:
        shared = {
            "title": self.title,
            "language": self.language,
            "item": self.translation_key,
            "date": self.published_on,
        }
        full = {**shared, "key": self.access_key, "facets": self.facets}
        yield Entry(**full, summary=self.summary, text=self.top, main=True)
        for number, (heading, text) in enumerate(self.sections, 1):
            yield Entry(**full, text=text, label=heading, anchor=f"#s-{number}")
        if self.teaser:
            yield Entry(**shared, key="public", summary=self.summary, facets={"kind": [self.kind]}, teaser=True)
