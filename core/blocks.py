"""The body of a page: the blocks an editor can choose from, the same in every room.

Rich text inside these blocks is written out as it is stored, and its links and pictures are
looked up once for the whole body: a chapter with a hundred links costs as many queries as one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Field, Prefetch, prefetch_related_objects
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.contrib.typed_table_block.blocks import TypedTableBlock
from wagtail.fields import StreamField
from wagtail.images.blocks import ImageChooserBlock
from wagtail.images.models import SourceImageIOError
from wagtail.rich_text import expand_db_html

from core.access import can_see, viewer_of
from core.reader import reader
from core.reading import LONGEST_ANCHOR, Note, Notes, anchors, plain, without_block_keys, words_in

__all__ = ["BodyBlock", "BodyField", "words_in"]

LINE = ["bold", "italic", "link", "document-link", "superscript", "subscript", "code"]
TEXT = [*LINE, "strikethrough", "ol", "ul", "hr"]
# Widths of the two renditions of a figure, in CSS pixels: a phone, and the column of text at double
# density on a small screen or single on a large one.
FIGURE_SPECS = ("width-480", "width-960")

FIRST_TAG = re.compile(r"\s*(<\w+)[^>]*>")
FIRST_KEY = re.compile(r'^(\s*<p\b[^>]*?) id="k-[^"]*"')
PARAGRAPH = re.compile(r"</?p\b[^>]*>")
BETWEEN_PARAGRAPHS = re.compile(r"</p>\s*<p\b[^>]*>")


class Text(blocks.RichTextBlock):
    """Rich text that leaves its links and pictures for the body to look up in one go."""

    def render_basic(self, value: Any, context: Mapping | None = None) -> SafeString:
        return mark_safe(without_block_keys(value.source))

    def get_searchable_content(self, value: Any) -> list[str]:
        """As Wagtail's, with the items of a list in a list apart from each other."""
        return [plain(str(value.source))]


class Line(Text):
    """Rich text within a line: its paragraphs become lines of one, for captions and labels."""

    def render_basic(self, value: Any, context: Mapping | None = None) -> SafeString:
        return mark_safe(in_line(value.source))


class Cell(Text):
    """Rich text in a cell of a table: a single paragraph needs no element of its own."""

    def render_basic(self, value: Any, context: Mapping | None = None) -> SafeString:
        html = without_block_keys(value.source)
        return mark_safe(in_line(html) if html.count("<p") < 2 and "<li" not in html else html)


class HeadingBlock(blocks.StructBlock):
    """A heading. The title of the page is level 1, so these begin at 2."""

    level = blocks.ChoiceBlock(
        choices=[("2", _("Section")), ("3", _("Part of a section")), ("4", _("Small heading"))],
        default="2",
        label=_("Level"),
        search_index=False,
    )
    text = blocks.CharBlock(label=_("Heading"), max_length=255)
    anchor = blocks.RegexBlock(
        regex=r"^[\w-]*$",
        required=False,
        max_length=LONGEST_ANCHOR,
        label=_("Short name in addresses"),
        help_text=_("Leave empty unless others already link to this place."),
    )

    class Meta:
        icon = "title"
        label = _("Heading")
        template = "core/blocks/heading.html"


class FigureBlock(blocks.StructBlock):
    """A picture that says something, with the words for those who cannot see it."""

    image = ImageChooserBlock(required=False, label=_("Picture"))
    alt = blocks.CharBlock(
        required=False,
        max_length=2000,
        label=_("What the picture shows"),
        help_text=_("In words, for people who cannot see it."),
    )
    decorative = blocks.BooleanBlock(
        required=False,
        label=_("Only decoration"),
        help_text=_("It says nothing that the text does not say."),
    )
    caption = Line(features=LINE, required=False, label=_("Caption"))
    credit = blocks.CharBlock(required=False, max_length=255, label=_("Who made it"))

    def clean(self, value: Any) -> Any:
        result = super().clean(value)
        if not (result["alt"] or result["decorative"]):
            problem = _("Say what the picture shows, or mark it as decoration.")
            raise blocks.StructBlockValidationError({"alt": ValidationError(problem)})
        return result

    class Meta:
        icon = "image"
        label = _("Figure")
        template = "core/blocks/figure.html"

    def get_context(self, value: Any, parent_context: dict | None = None) -> dict:
        context = super().get_context(value, parent_context)
        try:
            sizes = renditions_of(value["image"]) if value["image"] else []
        except SourceImageIOError:
            sizes = []  # The file is gone: its words stand in for it.
        context["picture"] = sizes[-1] if sizes else None
        context["srcset"] = ", ".join(f"{size.url} {size.width}w" for size in sizes)
        return context


class TableBlock(blocks.StructBlock):
    """A table whose first row names the columns and whose first column may name the rows."""

    table = TypedTableBlock([("text", Cell(features=TEXT, required=False, label=_("Text")))])
    row_names = blocks.BooleanBlock(required=False, label=_("The first column names the rows"), default=False)

    class Meta:
        icon = "table"
        label = _("Table")
        template = "core/blocks/table.html"

    def get_context(self, value: Any, parent_context: dict | None = None) -> dict:
        context = super().get_context(value, parent_context)
        columns = value["table"].columns
        context["named"] = any(column["heading"] for column in columns)
        return context


class QuoteBlock(blocks.StructBlock):
    """Words of somebody else, with who said them."""

    text = Text(features=TEXT, label=_("Words"))
    who = Line(features=LINE, required=False, label=_("Who says it"))

    class Meta:
        icon = "openquote"
        label = _("Quote")
        template = "core/blocks/quote.html"


class CodeBlock(blocks.StructBlock):
    """Text of a computer, kept letter by letter."""

    language = blocks.CharBlock(required=False, max_length=40, label=_("Language"), search_index=False)
    text = blocks.TextBlock(rows=6, label=_("Code"))

    class Meta:
        icon = "code"
        label = _("Code")
        template = "core/blocks/code.html"


class ChecklistBlock(blocks.StructBlock):
    """A list to tick while reading. Ticks stay in the reader's browser: nothing is sent."""

    title = blocks.CharBlock(required=False, max_length=255, label=_("Title"))
    items = blocks.ListBlock(Line(features=LINE), label=_("Items"))

    class Meta:
        icon = "tasks"
        label = _("Checklist")
        template = "core/blocks/checklist.html"

    def get_context(self, value: Any, parent_context: dict | None = None) -> dict:
        context = super().get_context(value, parent_context)
        context["items"] = [item.render() for item in value["items"].bound_blocks]
        return context


class Question(blocks.StructBlock):
    """One thing to fill in. What it is called is what a screen reader says of it."""

    label = blocks.CharBlock(max_length=255, label=_("Question"))
    hint = blocks.CharBlock(required=False, max_length=255, label=_("Help"))


class LinesQuestion(Question):
    """Room for more than a line."""

    rows = blocks.IntegerBlock(default=5, min_value=2, max_value=20, label=_("Lines"))


class ChoiceQuestion(Question):
    """Some words to choose from."""

    options = blocks.ListBlock(blocks.CharBlock(max_length=255), min_num=2, max_num=20, label=_("Choices"))
    several = blocks.BooleanBlock(required=False, label=_("More than one can be chosen"))


class ScaleQuestion(Question):
    """A number between two ends."""

    lowest = blocks.CharBlock(required=False, max_length=80, label=_("What the lowest number means"))
    highest = blocks.CharBlock(required=False, max_length=80, label=_("What the highest number means"))
    steps = blocks.IntegerBlock(default=5, min_value=2, max_value=10, label=_("Numbers"))


class TableQuestion(Question):
    """A table to fill in."""

    columns = blocks.ListBlock(blocks.CharBlock(max_length=120), min_num=1, max_num=6, label=_("Columns"))
    rows = blocks.IntegerBlock(default=4, min_value=1, max_value=20, label=_("Empty rows"))


class WorksheetFields(blocks.StreamBlock):
    """What can be filled in."""

    line = Question(label=_("One line"), icon="pilcrow")
    text = LinesQuestion(label=_("Several lines"), icon="title")
    choice = ChoiceQuestion(label=_("Choice"), icon="tick")
    scale = ScaleQuestion(label=_("Scale"), icon="order")
    table = TableQuestion(label=_("Table to fill in"), icon="table")


class WorksheetBlock(blocks.StructBlock):
    """A sheet to fill in on the screen or on paper. It is no form: nothing in it can be sent."""

    title = blocks.CharBlock(required=False, max_length=255, label=_("Title"))
    instructions = Text(features=TEXT, required=False, label=_("What to do"))
    fields = WorksheetFields(label=_("To fill in"), min_num=1, max_num=60)

    class Meta:
        icon = "form"
        label = _("Worksheet")
        template = "core/blocks/worksheet.html"

    def get_context(self, value: Any, parent_context: dict | None = None) -> dict:
        """As a block's, with the fields; the id of each survives edit and reorder, so that entries stay with it."""
        context = super().get_context(value, parent_context)
        fields = [
            {
                "kind": child.block_type,
                "key": (child.id or str(place))[:8],
                "numbers": range(1, (child.value.get("steps") or child.value.get("rows") or 1) + 1),
                **child.value,
            }
            for place, child in enumerate(value["fields"])
        ]
        context["fields"] = fields
        context["sheet"] = context.get("anchor") or f"w-{fields[0]['key'] if fields else 0}"
        return context


class InnerBlock(blocks.StreamBlock):
    """What may stand inside a box or an item of a list."""

    paragraph = Text(features=TEXT, label=_("Text"))
    heading = HeadingBlock()
    figure = FigureBlock()
    table = TableBlock()
    checklist = ChecklistBlock()
    worksheet = WorksheetBlock()
    quote = QuoteBlock()
    code = CodeBlock()


class StepsBlock(blocks.StructBlock):
    """A list whose items hold more than text: steps with pictures, tables or examples."""

    ordered = blocks.BooleanBlock(required=False, default=True, label=_("Numbered"))
    start = blocks.IntegerBlock(default=1, min_value=0, label=_("First number"))
    items = blocks.ListBlock(InnerBlock(), label=_("Steps"))

    class Meta:
        icon = "list-ol"
        label = _("Steps")
        template = "core/blocks/steps.html"


class BoxBody(InnerBlock):
    """What may stand inside a box: all of the above, and steps."""

    steps = StepsBlock()


class Box(blocks.StructBlock):
    """A box: its blocks are written out before its template sets them in the component."""

    def get_context(self, value: Any, parent_context: dict | None = None) -> dict:
        context = super().get_context(value, parent_context)
        given = parent_context or {}
        context["html"] = mark_safe("".join(child.render(given) for child in value["body"]))
        return context


class CalloutBlock(Box):
    """A box beside the line of thought: a note, a warning, an example."""

    kind = blocks.ChoiceBlock(
        choices=[("note", _("Note")), ("care", _("Take care")), ("example", _("Example"))],
        default="note",
        label=_("Kind"),
        search_index=False,
    )
    title = blocks.CharBlock(required=False, max_length=255, label=_("Title"))
    body = BoxBody(label=_("Text"))

    class Meta:
        icon = "info-circle"
        label = _("Callout")
        template = "core/blocks/callout.html"


class PracticePointBlock(Box):
    """One thing to do differently tomorrow."""

    title = blocks.CharBlock(required=False, max_length=255, label=_("Title"))
    body = BoxBody(label=_("Text"))

    class Meta:
        icon = "pick"
        label = _("Practice point")
        template = "core/blocks/practice_point.html"


class NoteBlock(blocks.StructBlock):
    """One footnote. ``[^label]`` in any text of the body refers to it."""

    label = blocks.CharBlock(
        max_length=60,
        label=_("Mark"),
        help_text=_("A number or a word. Write [^mark] in the text where the note belongs."),
        search_index=False,
    )
    text = Line(features=LINE, label=_("Note"))


class FootnotesBlock(blocks.ListBlock):
    """The notes of the body, in any order; they are shown beside the text that refers to them."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.pop("child_block", None)
        super().__init__(NoteBlock(), **kwargs)

    class Meta:
        icon = "superscript"
        label = _("Footnotes")


class LinkBlock(blocks.StructBlock):
    """A way to a practice, or to one clause of a standard. Unseen by those who may not open it."""

    page = blocks.PageChooserBlock(page_type="core.HubPage", label=_("Page"))
    clause = blocks.CharBlock(
        required=False,
        max_length=20,
        label=_("Clause"),
        help_text=_("For a standard: the clause, such as S2.4."),
        search_index=False,
    )
    text = blocks.CharBlock(required=False, max_length=255, label=_("Words of the link"))

    class Meta:
        icon = "link"
        label = _("Link to a practice or clause")
        template = "core/blocks/link.html"

    def get_context(self, value: Any, parent_context: dict | None = None) -> dict:
        context = super().get_context(value, parent_context)
        request = context.get("request")
        viewer = viewer_of(request) if request else reader()
        page = value["page"]
        context["open_page"] = page if page and page.live and can_see(viewer, page) else None
        return context


class BodyBlock(blocks.StreamBlock):
    """The body of a page."""

    heading = HeadingBlock()
    paragraph = Text(features=TEXT, label=_("Text"))
    practice_point = PracticePointBlock()
    callout = CalloutBlock()
    checklist = ChecklistBlock()
    worksheet = WorksheetBlock()
    steps = StepsBlock()
    table = TableBlock()
    figure = FigureBlock()
    quote = QuoteBlock()
    code = CodeBlock()
    link = LinkBlock()
    footnotes = FootnotesBlock()

    class Meta:
        template = "core/blocks/body.html"

    def render(self, value: blocks.StreamValue, context: Mapping | None = None) -> SafeString:
        """Write out the body: blocks with their anchors, notes beside what refers to them.

        ``marks`` in the context writes in what changed since an earlier text (``guidebooks.reading.comparing.Marks``).
        """
        given = dict(context or {})
        marks = given.pop("marks", None)
        prepare_pictures(value)
        notes = Notes.of(value)
        if marks:
            marks.on_notes(notes)
        pieces: list[dict] = []
        for place, (anchor, child) in enumerate(zip(anchors(value), value, strict=True)):
            if marks:
                pieces += [{"html": html} for html in marks.gone_before(place, given)]
            if child.block_type == "footnotes":
                continue
            own = {"anchor": anchor} if child.block_type in ("heading", "worksheet") else {}
            html = child.block.render(child.value, context={**given, **own})
            if marks:
                html = marks.on(place, html, given)
            html, beside = notes.mark(html)
            html = with_anchor(html, anchor, link=child.block_type == "paragraph")
            pieces.append({"html": html, "notes": [shown(note) for note in beside]})
        if marks:
            pieces += [{"html": html} for html in marks.gone_before(len(value), given)]
        rest = [shown(note) for note in notes.left()]
        html = render_to_string(self.meta.template, {"pieces": pieces, "rest": rest})
        return mark_safe(expand_db_html(html))


class BodyField(StreamField):
    """A stream of body blocks that stays out of migrations.

    The blocks still move, and a migration that repeats them all says nothing about the database:
    the column holds JSON. A migration that must change stored blocks reads that JSON itself.
    """

    def __init__(self, block_types: Any = BodyBlock, **kwargs: Any) -> None:
        super().__init__(block_types, **kwargs)

    def deconstruct(self) -> tuple:
        name, path, args, kwargs = Field.deconstruct(self)
        return name, path, args, kwargs


def with_anchor(html: str, anchor: str, *, link: bool) -> SafeString:
    """Name the first element of a block for addresses; a paragraph also gets a link to itself.

    That link is for the mouse only: a keyboard or a screen reader finds the link of the heading
    above, and is spared one more stop per paragraph.
    """
    html = FIRST_KEY.sub(r"\1", html)  # a block is named by its own id, which stays when its text is replaced
    first = FIRST_TAG.match(html)
    if first is None:
        return mark_safe(html)
    if " id=" not in first[0]:
        html = f'{first[1]} id="{anchor}"{html[first.end(1) :]}'
    if link and first[1] == "<p" and html.endswith("</p>"):
        html = f'{html[: -len("</p>")]} <a class="anchor" href="#{anchor}" tabindex="-1" aria-hidden="true">#</a></p>'
    return mark_safe(html)


def has_entries(body: blocks.StreamValue, *kinds: str) -> bool:
    """Whether there is anything to tick or to fill in, or something of these kinds of blocks."""
    return _holds(list(body.raw_data), kinds or ("checklist", "worksheet"))


def _holds(value: Any, kinds: tuple[str, ...]) -> bool:
    if isinstance(value, Mapping):
        return value.get("type") in kinds or any(_holds(part, kinds) for part in value.values())
    return isinstance(value, list) and any(_holds(part, kinds) for part in value)


def in_line(html: str) -> str:
    """Take the paragraphs out of rich text, with a line break between them.

    >>> in_line('<p data-block-key="a1">One</p><p>Two</p>')
    'One<br>Two'
    """
    return PARAGRAPH.sub("", BETWEEN_PARAGRAPHS.sub("<br>", html))


def shown(note: Note) -> dict:
    """Give a note as the template shows it."""
    return {"number": note.number, "html": mark_safe(in_line(note.html))}


def pictures_in(value: Any) -> Iterable[Any]:
    """Give the images of all figures of a body, boxes and steps included."""
    if isinstance(value, blocks.StreamValue):
        for child in value:
            yield from pictures_in(child.value)
    elif isinstance(value, blocks.list_block.ListValue):
        for item in value:
            yield from pictures_in(item)
    elif isinstance(value, Mapping):
        if "decorative" in value and value.get("image"):
            yield value["image"]
        else:
            for part in value.values():
                yield from pictures_in(part)


def prepare_pictures(body: blocks.StreamValue) -> None:
    """Look up the renditions of all figures of a body in one query."""
    pictures = [picture for picture in pictures_in(body) if picture]
    if pictures:
        model = pictures[0].get_rendition_model()
        wanted = Prefetch(
            "renditions",
            queryset=model.objects.filter(filter_spec__in=FIGURE_SPECS),
            to_attr="prefetched_renditions",
        )
        prefetch_related_objects(pictures, wanted)


def renditions_of(picture: Any) -> list[Any]:
    """Give the renditions of a figure, narrow to wide, each width once; make what is missing."""
    made = picture.get_renditions(*FIGURE_SPECS)
    by_width = {made[spec].width: made[spec] for spec in FIGURE_SPECS}
    return [by_width[width] for width in sorted(by_width)]


def make_renditions(body: blocks.StreamValue) -> None:
    """Make the renditions of all figures of a body, so that reading it writes nothing."""
    prepare_pictures(body)
    for picture in pictures_in(body):
        try:
            renditions_of(picture)
        except SourceImageIOError:
            continue  # Shown as words; the file may come back with the next restore.
