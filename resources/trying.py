"""The pages on which members write, change, report and take away notes about a practice they tried."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods
from django_countries import countries
from wagtail.log_actions import log

from core.access import Viewer, viewer_of
from members.models import User
from resources import tried
from resources.models import ResourcePage
from resources.reported import tell
from resources.tried import TriedNote


class TriedForm(forms.ModelForm):
    """A note. The country is asked once and never changed, so that no change of it can be watched."""

    country = forms.ChoiceField(
        label=gettext_lazy("Country"),
        required=False,
        help_text=gettext_lazy(
            "Kept apart from your note and never shown beside it. It is named on the page only when three members or "
            "more have written from there. It cannot be changed later."
        ),
    )
    sent = forms.CharField(widget=forms.HiddenInput, required=False, max_length=43)

    class Meta:
        model = TriedNote
        fields = ["place", "adaptation", "result", "harm", "country", "shows_name"]
        widgets = {name: forms.Textarea(attrs={"rows": 4}) for name in ("adaptation", "result", "harm")}
        help_texts = {"shows_name": gettext_lazy("Without it your note is by “a member”.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["country"]
        else:
            field = cast(forms.ChoiceField, self.fields["country"])
            field.choices = [("", _("I would rather not say")), *countries]


class ReasonForm(forms.Form):
    """Why a note is reported or taken away."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Up to 300 characters."),
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, page: int) -> HttpResponse:
    """Write a note about a practice. A form that is sent twice makes one note."""
    user, viewer = cast(User, request.user), viewer_of(request)
    practice = practice_for(viewer, page)
    if not tried.may_write(practice, viewer):
        raise Http404
    by = tried.digest_of(user)
    form = TriedForm(request.POST or None, initial={"sent": tried.new_sent()})
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data["sent"] or tried.new_sent()
        own = TriedNote.objects.filter(by=by)
        if not own.filter(sent=sent).exists() and own.filter(page=practice).count() >= tried.MOST_NOTES:
            form.add_error(
                None,
                _("You have written %(number)d notes about this, which is as many as one can.")
                % {"number": tried.MOST_NOTES},
            )
        else:
            said = {name: form.cleaned_data[name] for name in TriedForm.Meta.fields}
            TriedNote.objects.get_or_create(by=by, sent=sent, defaults={"page": practice, "user": user, **said})
            messages.success(request, _("Thank you. Your note is on the page."))
            return redirect(f"{practice.url}#tried")
    return render(request, "resources/tried_form.html", {"page": practice, "form": form})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, page: int, note: int) -> HttpResponse:
    """Change one's own note, or delete it. Others' are not there."""
    practice, found = note_for(request, page, note)
    if found.user_id != request.user.pk:
        raise Http404
    if request.method == "POST" and "delete" in request.POST:
        tried.empty(found)
        messages.success(request, _("Your note is deleted."))
        return redirect(f"{practice.url}#tried")
    form = TriedForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        kept = form.save(commit=False)
        kept.changed_at = timezone.now()
        kept.save()
        messages.success(request, _("Your changes are saved."))
        return redirect(f"{practice.url}#tried")
    return render(request, "resources/tried_form.html", {"page": practice, "form": form, "note": found})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, page: int, note: int) -> HttpResponse:
    """Tell the leads of the group and the secretariat that a note should not stand there."""
    practice, found = note_for(request, page, note)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if not found.reported_because:  # told once, however many report it
            found.reported_because = form.cleaned_data["reason"]
            found.save(update_fields=["reported_because"])
            transaction.on_commit(lambda: tell(practice), robust=True)
        messages.success(request, _("Thank you. The leads of the group and the secretariat see it beside the note."))
        return redirect(f"{practice.url}#tried")
    return render(request, "resources/tried_reason.html", {"page": practice, "note": found, "form": form})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, page: int, note: int) -> HttpResponse:
    """Take a note away with a reason, or leave a reported one: the leads of the page's group and the secretariat."""
    practice, found = note_for(request, page, note)
    if not tried.may_remove(practice, cast(User, request.user), viewer_of(request)):
        raise Http404
    if request.method == "POST" and "keep" in request.POST:
        found.reported_because = ""
        found.save(update_fields=["reported_because"])
        messages.success(request, _("The note stays."))
        return redirect(f"{practice.url}#tried")
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        tried.empty(found, form.cleaned_data["reason"])
        log(instance=practice, action="hub.remove_note", user=request.user, data={"reason": found.removed_because})
        messages.success(request, _("The note is taken away."))
        return redirect(f"{practice.url}#tried")
    context = {"page": practice, "note": found, "form": form, "removes": True}
    return render(request, "resources/tried_reason.html", context)


def practice_for(viewer: Viewer, pk: int) -> ResourcePage:
    """A resource that this viewer may open and on which he or she may read notes; 404 for all others."""
    found: ResourcePage | None = (
        ResourcePage.objects.visible_to(viewer).select_related("locale", "working_group").filter(pk=pk).first()
    )
    if found is None or found.resource_kind not in tried.KINDS or not tried.may_read(viewer):
        raise Http404
    return found


def note_for(request: HttpRequest, page: int, pk: int) -> tuple[ResourcePage, TriedNote]:
    """A note that can be read, on a page that the viewer may open; 404 for all others."""
    practice = practice_for(viewer_of(request), page)
    note = TriedNote.objects.filter(page=practice, pk=pk, removed_at=None).first()
    if note is None:
        raise Http404
    return practice, note
