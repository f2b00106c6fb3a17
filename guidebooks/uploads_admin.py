"""Importing a guidebook in Wagtail's admin: choose a file, look at what it becomes, make the draft."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from django import forms
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from wagtail.admin import messages

from core import lines
from core.access import Audience
from core.forms import BELOW, access_errors
from core.models import HubPage
from guidebooks.models import GuidebookPage
from guidebooks.opening import LARGEST_UPLOAD
from guidebooks.previews import COUNT_LABELS, KINDS, MOST_QUESTIONS
from guidebooks.uploading import accept, begin, begin_anew, books_for, places_for, uploads_for
from guidebooks.uploads import ENDINGS, Upload, UploadPicture

MOST_OPEN = 20
"""Uploads one person can have that are not finished."""
AGAIN = 2  # seconds after which the page of an upload at work asks how far it is


# Step 1: the file -------------------------------------------------------------------------------------


class UploadForm(forms.Form):
    """Which file, where it goes, and who may read what becomes of it."""

    token = forms.CharField(max_length=40, widget=forms.HiddenInput)
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "A Word file (.docx), a PDF file with text in it (.pdf), or a folder of Markdown files packed as .zip. "
            "At most 100 MB. Author names and change marks in it are not kept."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(ENDINGS)}),
    )
    parent = forms.ModelChoiceField(
        label=gettext_lazy("Where it goes"),
        queryset=HubPage.objects.none(),
        empty_label=None,
        help_text=gettext_lazy("The section or the working group whose guidebook it will be."),
    )
    audience = forms.ChoiceField(
        label=gettext_lazy("Who may read it, once it is published"),
        choices=Audience.choices,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("Nothing is published now: it becomes a draft."),
    )

    def __init__(self, *args: Any, user: Any, onto: GuidebookPage | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.onto = user, onto
        self.fields["token"].initial = secrets.token_urlsafe(24)
        if onto is not None:
            # It stays where it is, and its readers are those it has.
            del self.fields["parent"], self.fields["audience"]
            return
        places = self.fields["parent"]
        places.queryset = places_for(user).select_related("locale")  # type: ignore[attr-defined]
        places.label_from_instance = _place  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        """Refuse what cannot be a book before it is kept."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST_UPLOAD:
            raise forms.ValidationError(_("The file is larger than 100 MB. Make its pictures smaller, or split it."))
        ending = PurePosixPath(file.name).suffix.lower()
        if ending == ".doc":
            raise forms.ValidationError(_("This is an old Word file. Open it in Word and save it as .docx."))
        if ending == ".docm":
            raise forms.ValidationError(_("This Word file can hold macros. Save it as .docx, without them."))
        if ending not in ENDINGS:
            raise forms.ValidationError(_("This kind of file cannot be read. Choose a .docx, .pdf or .zip file."))
        return file

    def clean(self) -> dict[str, Any]:
        """Refuse an audience that cannot hold where the book goes."""
        cleaned = super().clean() or {}
        parent = cleaned.get("parent")
        if parent is not None and "audience" in cleaned:
            above = lines.state_above(parent.path + BELOW)
            for name, words in access_errors(cleaned["audience"], parent.working_group, False, above).items():
                self.add_error("audience" if name == "working_group" else name, words)
        waiting = Upload.objects.filter(owner=self.user).exclude(state=Upload.State.DONE)
        if waiting.count() >= MOST_OPEN and not waiting.filter(token=cleaned.get("token")).exists():
            raise forms.ValidationError(
                _("You have %(number)d files here that are not finished. Finish one or throw it away first.")
                % {"number": MOST_OPEN}
            )
        return cleaned

    def save(self) -> Upload:
        """The upload; sent twice it is the one that was made first."""
        cleaned = self.cleaned_data
        there = Upload.objects.filter(token=cleaned["token"], owner=self.user).first()
        if there is not None:
            return there
        above = self.onto.get_parent() if self.onto is not None else cleaned["parent"]
        is_anothers = Upload.objects.filter(token=cleaned["token"]).exists()
        upload = Upload(
            token=secrets.token_urlsafe(24) if is_anothers else cleaned["token"],
            owner=self.user,
            file=cleaned["file"],
            name=PurePosixPath(cleaned["file"].name).name[:255],
            parent=HubPage.objects.get(pk=above.pk),
            onto=self.onto,
            audience=self.onto.audience if self.onto is not None else cleaned["audience"],
            language=get_language(),
        )
        try:
            with transaction.atomic():
                upload.save()
        except IntegrityError:
            # The same form came at the same moment; of this one only the file is there, in the storage.
            if name := upload.file.name:
                upload.file.storage.delete(name)
            there = Upload.objects.filter(token=cleaned["token"], owner=self.user).first()
            if there is None:
                raise
            return there
        begin(upload)
        return upload


def _place(page: HubPage) -> str:
    return f"{page.title} ({page.locale.get_display_name()})"


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, page_id: int | None = None) -> HttpResponse:
    """Choose a file for a new guidebook; what was begun before stands beside it.

    Args:
        page_id: The page below which it goes, where the person came from one.
    """
    places = places_for(request.user)
    if not places.exists() or (page_id is not None and not places.filter(pk=page_id).exists()):
        raise Http404
    first = places.get(pk=page_id) if page_id is not None else places.first()
    audience = first.shown_audience if first is not None else Audience.MEMBERS
    wanted = Audience.MEMBERS if audience == Audience.PUBLIC else audience
    initial = {"parent": first, "audience": wanted if wanted in Audience.values else Audience.MEMBERS}
    return _form_page(request, UploadForm(*_sent(request), user=request.user, initial=initial), None)


@require_http_methods(["GET", "HEAD", "POST"])
def start_again(request: HttpRequest, page_id: int) -> HttpResponse:
    """Choose a file that is a new version of an imported guidebook."""
    book = books_for(request.user).filter(pk=page_id).first()
    if book is None:
        raise Http404
    return _form_page(request, UploadForm(*_sent(request), user=request.user, onto=book), book)


def _sent(request: HttpRequest) -> tuple[Any, Any]:
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def _form_page(request: HttpRequest, form: UploadForm, book: GuidebookPage | None) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        return redirect("guidebooks_upload_look", form.save().pk)
    open_ones = uploads_for(request.user).exclude(state=Upload.State.DONE)  # type: ignore[arg-type]
    context = {"form": form, "book": book, "uploads": open_ones[:MOST_OPEN]}
    return render(request, "guidebooks/admin/upload.html", context, status=422 if form.errors else 200)


# Step 2: how far it is, and what it becomes -----------------------------------------------------------


class PreviewForm(forms.Form):
    """What the person can decide before the draft is made: titles, words for pictures, whose words stay.

    Fields are numbered; what they stand for is said by the preview and never taken from the form.
    """

    def __init__(self, upload: Upload, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.upload = upload
        chosen = upload.choices
        for number, chapter in enumerate(self.chapters):
            title = chosen.get("titles", {}).get(chapter["path"], chapter["title_here"] or chapter["title"])
            self.fields[f"title-{number}"] = forms.CharField(
                label=_("Title"), max_length=255, initial=title, error_messages={"required": _("Give it a title.")}
            )
        for picture in self.pictures:
            alt = chosen.get("alts", {}).get(picture.key)
            self.fields[f"alt-{picture.number}"] = forms.CharField(
                label=_("What the picture shows"),
                max_length=2000,
                required=False,
                initial=alt,
                widget=forms.Textarea(attrs={"rows": 2}),
            )
            self.fields[f"decorative-{picture.number}"] = forms.BooleanField(
                label=_("Only decoration"), required=False, initial=alt == ""
            )
        for number, (_chapter, change) in enumerate(self.conflicts):
            self.fields[f"keep-{number}"] = forms.ChoiceField(
                label=_("Which words stay"),
                choices=[("mine", _("Keep what is here")), ("file", _("Take the file’s"))],
                initial=chosen.get("keep", {}).get(change["id"], "mine"),
                widget=forms.RadioSelect,
            )

    @cached_property
    def chapters(self) -> list[dict[str, Any]]:
        """The chapters whose titles can be changed."""
        return list(self.upload.preview.get("chapters", []))[:MOST_QUESTIONS]

    @cached_property
    def pictures(self) -> list[UploadPicture]:
        """The pictures that nobody has found words for."""
        return list(self.upload.pictures.all())

    @cached_property
    def conflicts(self) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        """Chapter and change wherever the text was changed here and in the file."""
        found = [
            (chapter, change)
            for chapter in self.upload.preview.get("chapters", [])
            for change in chapter["changes"]
            if change["how"] == "conflict"
        ]
        return found[:MOST_QUESTIONS]

    def clean(self) -> dict[str, Any]:
        """A picture either says something or is decoration."""
        cleaned = super().clean() or {}
        for picture in self.pictures:
            if cleaned.get(f"alt-{picture.number}") and cleaned.get(f"decorative-{picture.number}"):
                words = _("Either say what the picture shows, or mark it as decoration; not both.")
                self.add_error(f"alt-{picture.number}", words)
        return cleaned

    def choices(self) -> dict[str, Any]:
        """What was decided, as ``guidebooks.importing.Choices`` takes it."""
        cleaned = self.cleaned_data
        titles = {}
        for number, chapter in enumerate(self.chapters):
            title = cleaned[f"title-{number}"]
            if title != (chapter["title_here"] or chapter["title"]):
                titles[chapter["path"]] = title
        alts = {}
        for picture in self.pictures:
            alt = " ".join(cleaned[f"alt-{picture.number}"].split())
            if alt or cleaned[f"decorative-{picture.number}"]:
                alts[picture.key] = alt
        keep = {change["id"]: cleaned[f"keep-{n}"] for n, (_chapter, change) in enumerate(self.conflicts)}
        return {"titles": titles, "alts": alts, "keep": keep}

    # As the template shows it ----------------------------------------------------------------------

    def rows(self) -> Iterator[dict[str, Any]]:
        """Each chapter with the field of its title and what becomes of it."""
        place = 0
        for number, chapter in enumerate(self.upload.preview.get("chapters", [])):
            changes = []
            for change in chapter["changes"]:
                shown = {**change, "label": KINDS.get(change["kind"], change["kind"])}
                if change["how"] == "conflict" and place < MOST_QUESTIONS:
                    shown["field"] = self[f"keep-{place}"]
                    place += 1
                changes.append(shown)
            field = self[f"title-{number}"] if number < len(self.chapters) else None
            is_new = self.upload.onto_id is not None and chapter["page"] is None
            is_same = not (changes or chapter["moved"] or is_new or chapter["title_now"])
            yield {**chapter, "field": field, "changes": changes, "is_new": is_new, "is_same": is_same}

    def questions(self) -> Iterator[dict[str, Any]]:
        """Each picture without words, with its fields and the chapter it stands in."""
        titles = {chapter["path"]: chapter["title"] for chapter in self.upload.preview.get("chapters", [])}
        for picture in self.pictures:
            yield {
                "picture": picture,
                "chapter": titles.get(picture.path, ""),
                "alt": self[f"alt-{picture.number}"],
                "decorative": self[f"decorative-{picture.number}"],
            }


@require_http_methods(["GET", "HEAD", "POST"])
def look(request: HttpRequest, upload_id: int) -> HttpResponse:
    """How far an upload is; what it becomes, with what can be decided; then the way to its draft."""
    upload = _upload(request, upload_id)
    if upload.state == Upload.State.DONE:
        if upload.book is None:
            messages.warning(request, _("The guidebook that was made of this file is no longer there."))
            return redirect("guidebooks_upload")
        if request.method != "POST":
            words = _("“%(title)s” is here as a draft. Read it, then send it to review.") % {"title": upload.book.title}
            if upload.onto_id is not None:
                words = _("The new version of “%(title)s” is here as a draft. What readers see has not changed.") % {
                    "title": upload.book.title
                }
            send = messages.button(reverse("groups_send", args=[upload.book.pk]), _("Send to review…"))
            messages.success(request, words, buttons=[send] if upload.book.has_workflow else [])
        return redirect("wagtailadmin_explore", upload.book.pk)
    if upload.state != Upload.State.READY:
        response = render(request, "guidebooks/admin/upload_state.html", {"upload": upload, "again": AGAIN})
        if upload.is_working and not upload.stands_still:
            response["Refresh"] = str(AGAIN)
        return response
    form = PreviewForm(upload, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        accept(upload, form.choices())
        return redirect("guidebooks_upload_look", upload.pk)
    counts = [(COUNT_LABELS.get(name, name), *numbers) for name, *numbers in upload.preview.get("counts", [])]
    context = {
        "upload": upload,
        "form": form,
        "preview": upload.preview,
        "counts": counts,
        "twin": _twin(request, upload),
        "readers": Audience(upload.audience).label,
        "questions_more": sum(len(c["asked"]) for c in upload.preview.get("chapters", [])) - len(form.pictures),
    }
    return render(request, "guidebooks/admin/upload_preview.html", context, status=422 if form.errors else 200)


def _twin(request: HttpRequest, upload: Upload) -> GuidebookPage | None:
    """A guidebook that was made of a file of the same name: perhaps a new version of it was meant."""
    if upload.onto_id is not None:
        return None
    beside = books_for(request.user).filter(lines.subtree(upload.parent.path, inclusive=False))
    return beside.filter(imported_from=upload.preview.get("name") or "-").first()


@require_POST
def discard(request: HttpRequest, upload_id: int) -> HttpResponse:
    """Throw an upload away, with its file."""
    upload = _upload(request, upload_id)
    if upload.state in (Upload.State.ACCEPTED, Upload.State.WRITING) and not upload.stands_still:
        messages.warning(request, _("The draft is being made. You can delete it when it is there."))
        return redirect("guidebooks_upload_look", upload.pk)
    with transaction.atomic():
        upload.delete()
    messages.success(request, _("The file was thrown away. Nothing was imported."))
    return redirect("guidebooks_upload")


@require_POST
def go_on(request: HttpRequest, upload_id: int) -> HttpResponse:
    """Begin anew what nobody has finished."""
    upload = _upload(request, upload_id)
    begin_anew(upload)
    return redirect("guidebooks_upload_look", upload.pk)


@require_safe
def picture(request: HttpRequest, upload_id: int, pk: int) -> HttpResponse:
    """A picture of an upload, drawn small."""
    upload = _upload(request, upload_id)
    found = upload.pictures.filter(pk=pk).first()
    if found is None or not found.thumbnail:
        raise Http404
    response = HttpResponse(bytes(found.thumbnail), content_type="image/jpeg")
    response["Cache-Control"] = "private, no-store"
    return response


def _upload(request: HttpRequest, upload_id: int) -> Upload:
    """An upload the person may see; for everybody else it is not there."""
    upload = uploads_for(request.user).filter(pk=upload_id).first()  # type: ignore[arg-type]
    if upload is None:
        raise Http404
    return upload


urls = [
    path("guidebooks/uploads/", start, name="guidebooks_upload"),
    path("guidebooks/uploads/below/<int:page_id>/", start, name="guidebooks_upload_below"),
    path("guidebooks/uploads/again/<int:page_id>/", start_again, name="guidebooks_upload_again"),
    path("guidebooks/uploads/<int:upload_id>/", look, name="guidebooks_upload_look"),
    path("guidebooks/uploads/<int:upload_id>/discard/", discard, name="guidebooks_upload_discard"),
    path("guidebooks/uploads/<int:upload_id>/go-on/", go_on, name="guidebooks_upload_go_on"),
    path("guidebooks/uploads/<int:upload_id>/pictures/<int:pk>/", picture, name="guidebooks_upload_picture"),
]
