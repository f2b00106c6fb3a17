"""The pages on which members offer something, and see what became of what they gave."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from core.access import Viewer, viewer_of
from events.models import LAST_YEAR, LONGEST, EventKind
from events.times import in_zone, zone_names
from groups.front_forms import DayInput, KeyField, named
from groups.records import Contribution
from groups.suggesting import MOST_A_DAY, own_suggestions
from hub import contributing
from members.models import User

SECRETARIAT_LABEL = _("No group: the secretariat finds the right place")


class TimeInput(forms.TimeInput):
    """The browser's own choice of a time; where it has none, hours:minutes are typed."""

    input_type = "time"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%H:%M")


def lines(rows: int) -> forms.Textarea:
    """A field for running text."""
    return forms.Textarea(attrs={"rows": rows})


class OfferForm(forms.Form):
    """What every offer has: a title, a summary, the group it goes to, who may read it once it is published."""

    key = KeyField()
    title = forms.CharField(label=_("Title"), max_length=120, help_text=_("Up to 120 characters."))
    summary = forms.CharField(
        label=_("In two or three sentences"), max_length=500, widget=lines(3), help_text=_("Up to 500 characters.")
    )
    topic = forms.ChoiceField(label=_("Topic"), help_text=_("The nearest one. The leads can add others."))
    group = forms.ChoiceField(label=_("Working group"), required=False, help_text=_("Its leads read your draft first."))
    audience = forms.ChoiceField(
        label=_("Who may read it once it is published"),
        choices=[("members", _("All members")), ("group", _("The working group alone"))],
        initial="members",
        widget=forms.RadioSelect,
    )
    unnamed = forms.BooleanField(
        label=_("Nobody I work with can be recognised in it"),
        error_messages={"required": _("Take out what could point at a person, then tick this.")},
    )
    by_name = forms.BooleanField(required=False)

    def __init__(
        self, *args: Any, groups: list[tuple[str, str]], topics: list[tuple[str, Any]], name: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["topic"].choices = [("", _("Choose a topic")), *topics]  # type: ignore[attr-defined]
        self.fields["topic"].required = bool(topics)  # a hub without any page has none yet
        self.fields["group"].choices = [*groups, ("", SECRETARIAT_LABEL)]  # type: ignore[attr-defined]
        named(self, name)

    def clean_title(self) -> str:
        """With something in it that can stand in an address."""
        title: str = self.cleaned_data["title"]
        if not slugify(title, allow_unicode=True):
            raise ValidationError(now_("Use at least one letter or digit."))
        return title

    def clean(self) -> dict[str, Any]:
        """A group that alone may read it must have been chosen."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("audience") == "group" and not cleaned.get("group") and "group" not in self.errors:
            self.add_error("audience", now_("Choose a working group above, or let all members read it."))
        return cleaned


class PracticeForm(OfferForm):
    """A practice note."""

    text = forms.CharField(
        label=_("What you do, step by step"),
        max_length=6000,
        widget=lines(12),
        help_text=_("Up to 6,000 characters. An empty line begins a new paragraph."),
    )
    for_whom = forms.CharField(
        label=_("For whom"),
        max_length=1000,
        required=False,
        widget=lines(2),
        help_text=_("Who uses it, and with which people. Up to 1,000 characters."),
    )
    risks = forms.CharField(
        label=_("What can go wrong"),
        max_length=2000,
        required=False,
        widget=lines(3),
        help_text=_("For the person, for others, for the staff. Up to 2,000 characters."),
    )
    field_order = [
        "title",
        "summary",
        "text",
        "for_whom",
        "risks",
        "topic",
        "group",
        "audience",
        "unnamed",
        "by_name",
        "key",
    ]


class EventForm(OfferForm):
    """A proposed event."""

    event_kind = forms.ChoiceField(label=_("Kind"), choices=EventKind.choices)
    text = forms.CharField(
        label=_("What it is about"),
        max_length=3000,
        required=False,
        widget=lines(6),
        help_text=_("Up to 3,000 characters. An empty line begins a new paragraph."),
    )
    day = forms.DateField(label=_("Day"), widget=DayInput)
    time = forms.TimeField(label=_("Begins at"), widget=TimeInput, help_text=_("In the time zone below."))
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=lambda: [(name, name) for name in zone_names()])
    minutes = forms.IntegerField(
        label=_("Minutes"), min_value=1, max_value=LONGEST, initial=60, help_text=_("How long it lasts.")
    )

    field_order = [
        *("event_kind", "title", "summary", "text", "day", "time", "time_zone", "minutes"),
        *("topic", "group", "audience", "unnamed", "by_name", "key"),
    ]

    def clean(self) -> dict[str, Any]:
        """As every offer, with the moment made of day, time and zone."""
        cleaned = super().clean()
        day, time, zone = cleaned.get("day"), cleaned.get("time"), cleaned.get("time_zone")
        if day and time and zone:
            try:
                cleaned["starts_at"] = in_zone(datetime.combine(day, time), zone)
            except (ValueError, OverflowError):
                self.add_error("time", now_("The clocks of this time zone go forward over this time. Choose another."))
            else:
                if cleaned["starts_at"] <= datetime.now(cleaned["starts_at"].tzinfo):
                    self.add_error("day", now_("This is over already. Choose a day that is still to come."))
                elif day.year > LAST_YEAR:
                    self.add_error("day", now_("This day is too far away."))
        return cleaned


FORMS: dict[str, type[OfferForm]] = {
    Contribution.Kind.PRACTICE: PracticeForm,
    Contribution.Kind.EVENT: EventForm,
}


def giver_of(request: HttpRequest) -> Viewer:
    """The viewer, if he or she can give something: members and the secretariat. For all others it is not there."""
    viewer = viewer_of(request)
    if not viewer.is_member and not viewer.sees_all:
        raise Http404
    return viewer


@login_required
@require_safe
def contribute(request: HttpRequest) -> HttpResponse:
    """What one can give, and what became of what one gave."""
    viewer, user = giver_of(request), cast(User, request.user)
    context = {
        "contributions": contributing.own_contributions(user, viewer),
        "suggestions": own_suggestions(user, viewer),
        "most": MOST_A_DAY,
    }
    return render(request, "hub/contribute.html", context)


@login_required
@require_safe
def contribute_thanks(request: HttpRequest) -> HttpResponse:
    """Thanks, and what happens next."""
    giver_of(request)
    return render(request, "hub/contribute_thanks.html")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def contribute_form(request: HttpRequest, kind: str) -> HttpResponse:
    """Offer a practice note or an event. What was typed is kept whatever is wrong; sent twice, it is one."""
    viewer, user = giver_of(request), cast(User, request.user)
    groups = contributing.group_choices(viewer)
    wanted = request.GET.get("group", "")
    first = wanted if wanted in dict(groups) else next((slug for slug, _name in groups), "")
    form = FORMS[kind](
        request.POST or None,
        groups=groups,
        topics=contributing.topic_choices(viewer),
        name=user.display_name,
        initial={"group": first, "time_zone": user.time_zone if user.time_zone in zone_names() else "UTC"},
    )
    if request.method == "POST" and form.is_valid():
        try:
            contributing.offer(kind, form.cleaned_data, user, viewer, key=form.cleaned_data["key"])
            return redirect("contribute_thanks")
        except contributing.TooMany as refusal:
            form.add_error(None, str(refusal))
        except ValidationError as refused:
            form.add_error(None, refused.messages)  # type: ignore[arg-type]
    return render(request, "hub/contribute_form.html", {"form": form, "kind": kind})
