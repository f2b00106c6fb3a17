"""The pages on which a member keeps reading lists."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import citing
from core.access import viewer_of
from core.kinds import NOT_KEPT
from core.listing import clean
from core.models import HubPage
from hub import lists
from hub.models import ListedPage, ReadingList
from members.models import User


class ReadingListForm(forms.ModelForm):
    """What its owner can say of a list."""

    class Meta:
        model = ReadingList
        fields = ["title", "note", "group"]
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}
        help_texts = {
            "title": gettext_lazy("Up to 120 characters."),
            "note": gettext_lazy("What it is for. Up to 1,000 characters."),
            "group": gettext_lazy(
                "Everybody in the group then sees the list, your lines and your display name, and those of its items "
                "that he or she may open."
            ),
        }

    def __init__(self, *args: Any, groups: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["group"]
        field.queryset = groups  # type: ignore[attr-defined]
        field.empty_label = _("Nobody: it is mine alone")  # type: ignore[attr-defined]
        field.label_from_instance = lambda group: group.name_here  # type: ignore[attr-defined]

    def clean_title(self) -> str:
        """Without control characters; no second list of one title."""
        title = clean(self.cleaned_data["title"], 120)
        if not title:
            raise forms.ValidationError(_("Give the list a title."))
        same = ReadingList.objects.filter(user=self.instance.user, title=title).exclude(pk=self.instance.pk)
        if same.exists():
            raise forms.ValidationError(_("You have a list of this title already."))
        return title


class SaveForm(forms.Form):
    """Into which list something is put, and what one wants to say of it."""

    into = forms.ChoiceField(label=gettext_lazy("Which list"), required=False)
    title = forms.CharField(
        label=gettext_lazy("Title of a new list"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("Up to 120 characters. Leave it empty to use a list you have."),
    )
    line = forms.CharField(
        label=gettext_lazy("What you want to say of it"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("One line, up to 300 characters."),
    )

    def __init__(self, *args: Any, own: list[ReadingList], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.own = {str(each.pk): each for each in own}
        field = cast(forms.ChoiceField, self.fields["into"])
        field.choices = [(str(each.pk), each.title) for each in own]
        if not own:
            del self.fields["into"]
            self.fields["title"].help_text = _("Up to 120 characters. Left empty, it is called “Bookmarks”.")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def reading_lists(request: HttpRequest) -> HttpResponse:
    """My lists, and those that others share with my working groups; a POST makes a new one."""
    user, viewer = cast(User, request.user), viewer_of(request)
    form = ReadingListForm(request.POST or None, instance=ReadingList(user=user), groups=lists.groups_of(viewer))
    if request.method == "POST":
        title = clean(request.POST.get("title", ""), 120)
        known = ReadingList.objects.filter(user=user, title=title).first() if title else None
        if known is not None:  # sent twice, or made before
            messages.success(request, _("You have a list of this title already. This is it."))
            return redirect("reading_list", pk=known.pk)
        if form.is_valid():
            try:
                made = lists.make_list(user, form.cleaned_data["title"], form.cleaned_data["note"])
            except lists.TooMany as refusal:
                form.add_error(None, str(refusal))
            else:
                made.group = form.cleaned_data["group"]
                made.save(update_fields=["group"])
                messages.success(request, _("Your list is made."))
                return redirect("reading_list", pk=made.pk)
    context = {
        "own": lists.own_lists(user),
        "shared": lists.shared_with(user, viewer),
        "form": form,
        "most": lists.MOST_LISTS,
    }
    return render(request, "hub/reading_lists.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def save_to_list(request: HttpRequest) -> HttpResponse:
    """Put a page into a list, an old or a new one. Sent twice, it stands there once."""
    user, viewer = cast(User, request.user), viewer_of(request)
    asked = request.POST.get("page") or request.GET.get("page", "")
    page = None
    if asked.isascii() and asked.isdecimal() and len(asked) <= 18:
        page = HubPage.objects.visible_to(viewer).exclude(kind__in=NOT_KEPT).filter(pk=asked).first()
    if page is None:
        raise Http404
    own = lists.own_lists(user)
    form = SaveForm(request.POST or None, own=own)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            chosen = form.own.get(given.get("into") or "")
            if chosen is None or clean(given["title"], 120):
                chosen = lists.make_list(user, given["title"])
            is_new = lists.put(chosen, page, given["line"])
        except lists.TooMany as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("It is in your list.") if is_new else _("It was in this list already."))
            return redirect("reading_list", pk=chosen.pk)
    trail = [{"title": _("My reading lists"), "url": reverse("reading_lists")}]
    return render(request, "hub/save_to_list.html", {"page": page, "form": form, "own": own, "trail": trail})


@login_required
@require_safe
def reading_list(request: HttpRequest, pk: int) -> HttpResponse:
    """A list, for its owner and for those it is shared with. For everybody else it is not there."""
    reading, is_owner = readable(request, pk)
    viewer = viewer_of(request)
    context = {
        "list": reading,
        "is_owner": is_owner,
        "is_shared": lists.is_shared(reading),
        "lines": lists.lines_of(reading, viewer, owner=is_owner),
        "trail": [{"title": _("My reading lists"), "url": reverse("reading_lists")}],
        "most": lists.MOST_ITEMS,
        "forms": [("BibTeX", "bib"), ("RIS", "ris"), (_("Text"), "txt"), ("CSV", "csv")],
    }
    return render(request, "hub/reading_list.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change_list(request: HttpRequest, pk: int) -> HttpResponse:
    """Change title, note and sharing of one's own list."""
    reading = own(request, pk)
    viewer = viewer_of(request)
    form = ReadingListForm(request.POST or None, instance=reading, groups=lists.groups_of(viewer))
    name = reading.title
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Your changes are saved."))
        return redirect("reading_list", pk=pk)
    trail = [
        {"title": _("My reading lists"), "url": reverse("reading_lists")},
        {"title": name, "url": reverse("reading_list", args=[pk])},
    ]
    return render(request, "hub/change_list.html", {"list": reading, "name": name, "form": form, "trail": trail})


@login_required
@require_POST
def change_listed(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    """Move an item of one's own list up or down, take it out, or change what is said of it."""
    reading = own(request, pk)
    listed = ListedPage.objects.filter(of_list=reading, pk=item).first()
    if listed is not None:  # one that is gone already is no error
        if "remove" in request.POST:
            listed.delete()
            messages.success(request, _("It is taken out of the list."))
        elif "up" in request.POST or "down" in request.POST:
            lists.move(listed, -1 if "up" in request.POST else 1)
        elif "line" in request.POST:
            listed.line = clean(request.POST["line"], 300)
            listed.save(update_fields=["line"])
            messages.success(request, _("Your line is saved."))
    return redirect(f"{reverse('reading_list', args=[pk])}#item-{item}")


@login_required
@require_POST
def delete_list(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete one's own list. Deleting what is gone already is no error."""
    ReadingList.objects.filter(user=cast(User, request.user), pk=pk).delete()
    messages.success(request, _("The list is deleted."))
    return redirect("reading_lists")


@login_required
@require_safe
def export_list(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """What this reader may open of a list, as a file."""
    reading, _is_owner = readable(request, pk)
    if form not in citing.FORMS:
        raise Http404
    pages = lists.pages_of(reading.items.all(), viewer_of(request))
    return citing.download(citing.citations_of(list(pages.values())), form, "index-list")


def own(request: HttpRequest, pk: int) -> ReadingList:
    """A list of whoever asks; 404 for others' as for what is not there."""
    found = ReadingList.objects.filter(user=cast(User, request.user), pk=pk).first()
    if found is None:
        raise Http404
    return found


def readable(request: HttpRequest, pk: int) -> tuple[ReadingList, bool]:
    """A list that whoever asks may read, and whether it is his or her own; 404 for all others."""
    user = cast(User, request.user)
    found = lists.list_for(user, viewer_of(request), pk)
    if found is None:
        raise Http404
    return found, found.user_id == user.pk
