"""The forms of a working group's front end."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from groups.appointing import last_day_by_default
from groups.people import Person
from groups.records import Decision, GroupTask, JoinRequest, Suggestion
from members.models import today

LATEST_YEAR = 2100  # beyond it a date is a slip of the pen


class DayInput(forms.DateInput):
    """The browser's own choice of a day; where it has none, year-month-day is typed."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


def known_day(day: date) -> None:
    """Refuse days of other centuries."""
    if not 2000 <= day.year <= LATEST_YEAR:
        raise ValidationError(_("The year lies outside 2000 to 2100."), code="day")


class KeyField(forms.UUIDField):
    """A hidden key made with the form, by which a form that is sent twice is known."""

    widget = forms.HiddenInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(initial=uuid.uuid4, **kwargs)


class AskForm(forms.ModelForm):
    """A few words to the leads."""

    class Meta:
        model = JoinRequest
        fields = ["words"]
        widgets = {"words": forms.Textarea(attrs={"rows": 5})}


class AnswerForm(forms.Form):
    """What the leads answer to somebody who asks to join. Words are needed for a refusal."""

    answer = forms.ChoiceField(
        label=_("Answer"),
        choices=[("accept", _("Take him or her in")), ("refuse", _("Not at the moment"))],
        widget=forms.RadioSelect,
    )
    reply = forms.CharField(
        label=_("Words to the person"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Needed if you do not take him or her in; he or she reads them. Up to 500 characters."),
    )
    reason = forms.CharField(
        label=_("Reason, for the leads only"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Only the leads of the group and the secretariat read this. Up to 500 characters."),
    )

    def clean(self) -> dict[str, Any]:
        """A refusal without a word to the person is none."""
        cleaned = super().clean() or {}
        if cleaned.get("answer") == "refuse" and not cleaned.get("reply") and "reply" not in self.errors:
            self.add_error("reply", _("Write a few polite words to the person."))
        return cleaned


class AppointForm(forms.Form):
    """Somebody of the group who becomes an author, and until when."""

    person = forms.TypedChoiceField(label=_("Person"), coerce=int)
    until = forms.DateField(
        label=_("Last day"),
        widget=DayInput,
        initial=last_day_by_default,
        help_text=_("At most three years from now. The office ends by itself on this day and can be renewed."),
    )

    def __init__(self, *args: Any, people: Sequence[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        person: Any = self.fields["person"]
        # Sent twice, it is done once: who is an author by now is no wrong answer, only not offered.
        person.choices = named_apart([one for one in people if not one.leads])
        offered = named_apart([one for one in people if not (one.writes or one.leads)])
        person.widget.choices = [("", _("Choose a person")), *offered]


class TermForm(forms.Form):
    """The last day of a term of office."""

    until = forms.DateField(label=_("Last day"), widget=DayInput, help_text=_("At most three years from now."))


def named_apart(people: Sequence[Person]) -> list[tuple[str, str]]:
    """People as choices. Two of the same display name are told apart by the day they came."""
    times = Counter(one.name for one in people)
    return [
        (
            str(one.pk),
            one.name
            if times[one.name] == 1
            else str(_("%(name)s, in the group since %(day)s")) % {"name": one.name, "day": date_format(one.since)},
        )
        for one in people
    ]


class TaskForm(forms.ModelForm):
    """A task of the group's."""

    key = KeyField()
    who = forms.TypedChoiceField(label=_("Who"), required=False, coerce=int, empty_value=None)
    done = forms.BooleanField(label=_("Done"), required=False)

    field_order = ["text", "who", "due_on", "done", "key"]

    class Meta:
        model = GroupTask
        fields = ["text", "due_on"]
        widgets = {"due_on": DayInput}

    def __init__(self, *args: Any, people: Sequence[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        task = self.instance
        self.fields["due_on"].validators.append(known_day)
        self.fields["who"].choices = [("", _("Nobody yet")), *named_apart(people)]  # type: ignore[attr-defined]
        self.initial = {**self.initial, "who": task.who_id, "done": task.done_on is not None}
        del self.fields["done" if task.pk is None else "key"]

    def clean(self) -> dict[str, Any]:
        """As Django's, with who has it and whether it is done brought to the task."""
        cleaned = super().clean() or self.cleaned_data
        self.instance.who_id = cleaned.get("who")
        if "done" in self.fields:
            self.instance.done_on = (self.instance.done_on or today()) if cleaned.get("done") else None
        return cleaned


class DecisionForm(forms.ModelForm):
    """A decision of the group's."""

    key = KeyField()

    class Meta:
        model = Decision
        fields = ["text", "decided_on"]
        widgets = {"text": forms.Textarea(attrs={"rows": 5}), "decided_on": DayInput}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["decided_on"].validators.append(known_day)
        if self.instance.pk is not None:
            del self.fields["key"]

    def clean_decided_on(self) -> date:
        """Not a day that is still to come."""
        day: date = self.cleaned_data["decided_on"]
        if day > today():
            raise ValidationError(_("This day is still to come."), code="day")
        return day


class SuggestionForm(forms.ModelForm):
    """What should change on a page."""

    key = KeyField()
    block = forms.ChoiceField(label=_("Where"), required=False)

    class Meta:
        model = Suggestion
        fields = ["block", "words", "by_name"]
        widgets = {"words": forms.Textarea(attrs={"rows": 6})}

    def __init__(self, *args: Any, parts: Sequence[tuple[str, str]], name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("The page as a whole")), *parts]
        self.fields["block"].choices = choices  # type: ignore[attr-defined]
        named(self, name)


def named(form: forms.BaseForm, name: str) -> None:
    """Say in the form under which name the giver would be thanked."""
    form.fields["by_name"].label = _("Thank me by name, as “%(name)s”") % {"name": name}
    form.fields["by_name"].help_text = _("Without it you are named nowhere; those who look after the page see you.")


class SuggestionAnswerForm(forms.ModelForm):
    """What becomes of a suggestion."""

    class Meta:
        model = Suggestion
        fields = ["state", "answer"]
        widgets = {"state": forms.RadioSelect, "answer": forms.Textarea(attrs={"rows": 4})}
