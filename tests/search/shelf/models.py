"""A shelf of notes that are gated and in several languages, and things with a field of every type."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from django.db import OperationalError, models
from modelsearch import index
from modelsearch.queryset import SearchableQuerySetMixin

from search.entries import Entry


class NoteQuerySet(SearchableQuerySetMixin, models.QuerySet):
    pass


class Label(models.Model):
    name = models.CharField(max_length=50)

    def __str__(self) -> str:
        return self.name


class Note(index.Indexed, models.Model):
    """Something to read: its body's lines that begin with ``#`` head sections of their own."""

    title = models.CharField(max_length=200)
    summary = models.TextField(blank=True)
    body = models.TextField(blank=True)
    access_key = models.CharField(max_length=50, default="public")
    language = models.CharField(max_length=10, default="en")
    item = models.CharField(max_length=50, blank=True)
    topics = models.JSONField(default=list)
    settings = models.JSONField(default=list)
    author = models.CharField(max_length=100, blank=True)
    teaser = models.BooleanField(default=False)
    live = models.BooleanField(default=True)
    published_on = models.DateTimeField(null=True)
    labels = models.ManyToManyField(Label)

    objects = NoteQuerySet.as_manager()

    search_fields = [
        index.SearchField("title", boost=2),
        index.SearchField("body"),
        index.AutocompleteField("title"),
        index.FilterField("title"),
        index.FilterField("access_key"),
        index.FilterField("live"),
        index.FilterField("published_on"),
        index.FilterField("labels"),
        index.RelatedFields("labels", [index.SearchField("name")]),
    ]

    def __str__(self) -> str:
        return self.title

    @classmethod
    def from_db(cls, db: Any, field_names: Any, values: Any) -> Note:
        if "cannot be read" in values:
            raise ValueError("this row makes no note")
        return super().from_db(db, field_names, values)

    def search_entries(self) -> Iterator[Entry]:
        if not self.live:
            return
        if self.title == "cannot be indexed":
            raise ValueError("this note cannot give its entries")
        if self.title == "database is away":
            raise OperationalError("the connection was lost while this note gave its entries")
        shared = {
            "title": self.title,
            "language": self.language,
            "item": self.item,
            "facets": {"topic": self.topics, "setting": self.settings},
            "date": self.published_on,
            "author": self.author,
        }
        parts = self.body.split("\n#")
        yield Entry(**shared, summary=self.summary, text=parts[0], key=self.access_key, main=True)
        for number, part in enumerate(parts[1:], 1):
            heading, _, text = part.partition("\n")
            yield Entry(**shared, text=text, label=heading.strip(), anchor=f"#s{number}", key=self.access_key)
        if self.teaser:
            yield Entry(**shared, summary=self.summary, key="public", teaser=True)


class Thing(index.Indexed, models.Model):
    """A value of every type that can be filtered by."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    name = models.CharField(max_length=1000)
    whole = models.BigIntegerField(null=True)
    real = models.FloatField(null=True)
    money = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    yes = models.BooleanField(null=True)
    day = models.DateField(null=True)
    moment = models.DateTimeField(null=True)
    hour = models.TimeField(null=True)
    span = models.DurationField(null=True)
    code = models.UUIDField(null=True)
    note = models.ForeignKey(Note, null=True, on_delete=models.SET_NULL)

    search_fields = [
        index.SearchField("name"),
        *(
            index.FilterField(name)
            for name in ("name", "whole", "real", "money", "yes", "day", "moment", "hour", "span", "code", "note")
        ),
    ]

    def __str__(self) -> str:
        return self.name
