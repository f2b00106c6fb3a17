"""Makes the demo's Word guidebook, as a practitioner would write one: ``PYTHONPATH=. python demo/files/word/make.py``.

``when-somebody-calls.docx`` is what somebody imports in the demo and in the browser tests: four chapters, a table with
merged cells, a picture with words for those who cannot see it and one without, notes, lists in lists, links, a comment
and a tracked change. ``edition-2`` holds the same file with one paragraph changed and nothing else.
"""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from tests.guidebooks.word_files import Maker

HERE = Path(__file__).parent
PICTURES = HERE.parents[1] / "pictures"
MADE = datetime(2026, 1, 15, 12, tzinfo=UTC)  # fixed, so that the same text gives the same file

FIRST = "Answer before the fourth ring if you can. Who calls has often put the receiver down twice before."
CHANGED = "Answer before the third ring if you can. Who calls has often put the receiver down twice before."


def guidebook(promise: str) -> Maker:
    """The guidebook, with one paragraph as given."""
    maker = Maker()
    maker.title("When somebody calls")
    maker.text("A small guidebook for the people who pick up the telephone.", style="Subtitle")
    maker.text(
        "A mother calls, a teacher, a former girlfriend. They are worried about somebody, and they do not know whether "
        "they are allowed to be. This guidebook is for the hour in which you talk with them. It was written by four "
        "help lines and has been tried in their training."
    )
    _listen(maker, promise)
    _sort(maker)
    _agree(maker)
    _after(maker)
    return maker


def _listen(maker: Maker, promise: str) -> None:
    maker.bookmark(maker.heading("The first five minutes"), "_Ref_first")
    maker.text(promise)
    opening = maker.text("Say your first name and the name of the line, and then be quiet. ")
    opening.add_run("Silence is not a mistake.").bold = True
    opening.add_run(" Most people need it to find their first sentence.")
    maker.note(opening, "Our own count of 212 first calls in one year; the figures of the other lines are similar.")
    maker.quote("I had my sentence ready for weeks. When I heard a voice it was gone.")
    maker.text("— a mother, after her third call", style="Quote")
    maker.heading("What helps", 2)
    maker.item("Speak slowly.", list_id="helps")
    maker.item("Ask one question at a time:", list_id="helps")
    maker.item("What has happened?", level=1, kind="decimal", list_id="questions")
    maker.item("When did you notice it first?", level=1, kind="decimal", list_id="questions")
    maker.item("Who else knows?", level=1, kind="decimal", list_id="questions")
    maker.item("Say what you have understood, in the caller’s own words.", list_id="helps")
    maker.picture(
        "Four circles inside one another: you in the middle, around you two people who know, around them people who "
        "help with daily life, outside services.",
        data=(PICTURES / "support-circle.png").read_bytes(),
        caption="Figure 1. Who is around the person who calls",
    )


def _sort(maker: Maker) -> None:
    maker.bookmark(maker.heading("What kind of call is it?"), "_Ref_kinds")
    paragraph = maker.text("You do not have to know it at once. By the end of the call, one of three rows should fit.")
    maker.note(paragraph, "If two rows fit, take the one further down.")
    table = maker.table(
        [
            ["Kind of call", "Signs", "What you do", "When"],
            ["Worry", "A change of friends, of words, of clothes", "Listen, arrange a second call", "Within a week"],
            ["Urgent", "Plans to travel, farewells", "Call the coordinator", "Today"],
            ["Urgent", "Talk of violence, access to weapons", "Follow the safety plan", "Now"],
        ]
    )
    table.cell(2, 0).text = table.cell(3, 0).text = ""
    merged = table.cell(2, 0).merge(table.cell(3, 0))
    merged.text = "Urgent"
    changed = maker.text("When in doubt, call the coordinator")
    maker.inserted(changed, ", at any hour")
    maker.deleted(changed, " during office hours")
    changed.add_run(".")
    maker.link(maker.text("How to open the call stands in "), "the first chapter", "#_Ref_first")
    maker.picture(data=(PICTURES / "escalation.png").read_bytes(), caption="Figure 2. From worry to safety plan")


def _agree(maker: Maker) -> None:
    maker.heading("What you agree on")
    maker.text(
        "A call without an agreement is a conversation. End each one with three things that both of you write down:"
    )
    for words in (
        "what the caller will do until the next call;",
        "what you will do;",
        "when you speak again, by day and hour.",
    ):
        maker.item(words, kind="decimal", list_id="agree")
    commented = maker.text("Do not promise what others would have to keep.")
    maker.comment(commented, "Is this too strict for the youth lines?", author="A colleague")
    maker.heading("Before you hang up", 2)
    for words in ("The number is written down.", "The caller is safe tonight.", "The next call has a date."):
        maker.item(words, kind="box", list_id="before")


def _after(maker: Maker) -> None:
    maker.heading("After the call")
    last = maker.text(
        "Write five lines while the voice is still in your ear: who, what, since when, how safe, what next."
    )
    maker.note(last, "No names and no places: the sheet may be seen by the colleague who takes the next call.")
    maker.text("Then stand up, open a window, and tell somebody that you have had a call. You need not say which.")
    maker.link(
        maker.text("More on caring for yourself: "), "resources of a partner network", "https://example.org/care"
    )


def save(maker: Maker, target: Path) -> None:
    """Write the file, with nothing in it that says who made it or when."""
    properties = maker.document.core_properties
    properties.author = properties.last_modified_by = properties.comments = ""
    properties.title = "When somebody calls"
    properties.created = properties.modified = MADE.replace(tzinfo=None)
    for comment in maker.document.comments:
        comment._comment_elm.set(
            "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}date", "2026-01-15T12:00:00Z"
        )
    with ZipFile(BytesIO(maker.bytes())) as found, ZipFile(target, "w", ZIP_DEFLATED) as kept:
        for entry in found.namelist():
            kept.writestr(ZipInfo(entry, MADE.timetuple()[:6]), found.read(entry), ZIP_DEFLATED)
    print(target.relative_to(HERE), target.stat().st_size)


if __name__ == "__main__":
    save(guidebook(FIRST), HERE / "when-somebody-calls.docx")
    save(guidebook(CHANGED), HERE / "edition-2" / "when-somebody-calls.docx")
