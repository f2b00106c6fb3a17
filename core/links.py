"""Links in rich text: to pages, files and clauses, each open only to those who may open its end.

A link to something the reader may not open is shown as its words alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils.html import escape
from draftjs_exporter.dom import DOM
from wagtail.admin.rich_text.converters.contentstate import link_entity
from wagtail.admin.rich_text.converters.html_to_contentstate import (
    ExternalLinkElementHandler,
    LinkElementHandler,
)
from wagtail.documents import get_document_model
from wagtail.documents.rich_text.contentstate import DocumentLinkElementHandler, document_link_entity
from wagtail.rich_text import LinkHandler

from core.access import can_see
from core.desk import desk_now
from core.reader import reader

# Gives the page and anchor of each clause that exists among these numbers ("S2.4"). The room of
# standards sets it when it is ready; the core knows no standard.
ClauseFinder = Callable[[Iterable[str]], Mapping[str, tuple[Any, str]]]
_find_clauses: ClauseFinder | None = None


def find_clauses_with(finder: ClauseFinder) -> None:
    """Say how clauses are found."""
    global _find_clauses
    _find_clauses = finder


class PageLinks(LinkHandler):
    """``<a linktype="page" id="7" anchor="housing">``; the anchor may be missing."""

    identifier = "page"

    @staticmethod
    def get_model() -> Any:
        from core.models import HubPage

        return HubPage

    @classmethod
    def expand_db_attributes(cls, attrs: dict) -> str:
        return cls.expand_db_attributes_many([attrs])[0]

    @classmethod
    def expand_db_attributes_many(cls, attrs_list: list[dict]) -> list[str]:
        ids = {int(attrs["id"]) for attrs in attrs_list if _is_id(attrs)}
        pages = {page.pk: page for page in cls.get_model().objects.visible_to(reader()).filter(pk__in=ids)}
        return [
            _opening(pages.get(int(attrs["id"])) if _is_id(attrs) else None, attrs.get("anchor", ""))
            for attrs in attrs_list
        ]

    @classmethod
    def extract_references(cls, attrs: dict) -> Iterable[tuple]:
        if _is_id(attrs):
            yield cls.get_model(), attrs["id"], "", ""


class DocumentLinks(LinkHandler):
    """``<a linktype="document" id="7">``."""

    identifier = "document"

    @staticmethod
    def get_model() -> Any:
        return get_document_model()

    @classmethod
    def expand_db_attributes(cls, attrs: dict) -> str:
        return cls.expand_db_attributes_many([attrs])[0]

    @classmethod
    def expand_db_attributes_many(cls, attrs_list: list[dict]) -> list[str]:
        ids = {int(attrs["id"]) for attrs in attrs_list if _is_id(attrs)}
        files = cls.get_model()._default_manager.in_bulk(ids)
        viewer = reader()
        found = [files.get(int(attrs["id"])) if _is_id(attrs) else None for attrs in attrs_list]
        return [_opening(file if file is not None and can_see(viewer, file) else None) for file in found]

    @classmethod
    def extract_references(cls, attrs: dict) -> Iterable[tuple]:
        if _is_id(attrs):
            yield cls.get_model(), attrs["id"], "", ""


class ClauseLinks(LinkHandler):
    """``<a linktype="clause" id="S2.4">``."""

    identifier = "clause"

    @classmethod
    def expand_db_attributes(cls, attrs: dict) -> str:
        return cls.expand_db_attributes_many([attrs])[0]

    @classmethod
    def expand_db_attributes_many(cls, attrs_list: list[dict]) -> list[str]:
        numbers = {attrs.get("id", "") for attrs in attrs_list}
        found = _find_clauses(numbers) if _find_clauses else {}
        viewer = reader()
        return [
            _opening(page if page is not None and page.live and can_see(viewer, page) else None, anchor)
            for page, anchor in (found.get(attrs.get("id", ""), (None, "")) for attrs in attrs_list)
        ]


def _is_id(attrs: Mapping[str, str]) -> bool:
    return attrs.get("id", "").isdecimal() and len(attrs["id"]) < 19


def _opening(thing: Any, anchor: str = "") -> str:
    if thing is None or not thing.url:
        return "<a>"
    return f'<a href="{escape(thing.url)}{"#" + escape(anchor) if anchor else ""}">'


# In the editor ------------------------------------------------------------------------------------
# The editor keeps an address, an id and a parent's id of each link and nothing else, so anchors and
# clauses travel in the address.


class PageLinkInEditor(LinkElementHandler):
    """Reads a stored link to a page for the editor."""

    def get_attribute_data(self, attrs: dict) -> dict:
        from core.models import HubPage

        page = HubPage.objects.filter(pk=attrs["id"]).first() if _is_id(attrs) else None
        desk = desk_now()
        if page is None or (desk is not None and not desk.may_pick(page)):
            return {"id": int(attrs["id"]) if _is_id(attrs) else None, "url": None, "parentId": None}
        anchor = f"#{attrs['anchor']}" if attrs.get("anchor") else ""
        parent = page.line[-1].pk if page.line else None
        return {"id": page.pk, "url": f"{page.url}{anchor}", "parentId": parent}


class DocumentLinkInEditor(DocumentLinkElementHandler):
    """Reads a stored link to a file for the editor."""

    def get_attribute_data(self, attrs: dict) -> dict:
        desk = desk_now()
        if desk is None:
            return dict(super().get_attribute_data(attrs))
        file = get_document_model()._default_manager.filter(pk=attrs["id"]).first() if _is_id(attrs) else None
        if file is None or not desk.knows_file(file):
            return {"id": int(attrs["id"])} if _is_id(attrs) else {}
        return {"id": file.pk, "url": file.url, "filename": file.filename}


class ClauseLinkInEditor(LinkElementHandler):
    """Reads a stored link to a clause for the editor."""

    def get_attribute_data(self, attrs: dict) -> dict:
        return {"url": f"clause:{attrs.get('id', '')}"}


def link_from_editor(props: dict) -> Any:
    """Writes a link of the editor as it is stored."""
    address = props.get("url") or ""
    if props.get("id") is None and address.startswith("clause:"):
        attrs = {"linktype": "clause", "id": address.removeprefix("clause:")}
        return DOM.create_element("a", attrs, props["children"])
    if props.get("id") is not None and "#" in address:
        attrs = {"linktype": "page", "id": props["id"], "anchor": address.partition("#")[2]}
        return DOM.create_element("a", attrs, props["children"])
    return link_entity(props)


def register(features: Any) -> None:
    """Take the place of Wagtail's own links, which know no access rule."""
    for handler in (PageLinks, DocumentLinks, ClauseLinks):
        features.register_link_type(handler)
    features.register_converter_rule(
        "contentstate",
        "link",
        {
            "from_database_format": {
                "a[href]": ExternalLinkElementHandler("LINK"),
                'a[linktype="page"]': PageLinkInEditor("LINK"),
                'a[linktype="clause"]': ClauseLinkInEditor("LINK"),
            },
            "to_database_format": {"entity_decorators": {"LINK": link_from_editor}},
        },
    )
    features.register_converter_rule(
        "contentstate",
        "document-link",
        {
            "from_database_format": {'a[linktype="document"]': DocumentLinkInEditor("DOCUMENT")},
            "to_database_format": {"entity_decorators": {"DOCUMENT": document_link_entity}},
        },
    )
