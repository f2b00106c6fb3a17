"""A new working group: its people, its space, its first leads, in one deed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.log_actions import log

from core.access import Audience
from groups.provisioning import provision
from members.models import Office, Participation, User, WorkingGroup, today
from members.rights import rights_of

MOST_LEADS = 5


def people_at(addresses: Iterable[str]) -> list[User]:
    """The people with these e-mail addresses.

    Raises:
        ValidationError: for every address at which there is nobody, or nobody who is a member today.
    """
    found, problems = [], []
    for address in dict.fromkeys(each.strip().lower() for each in addresses if each.strip()):
        user = User.objects.filter(email=address, is_active=True).first()
        if user is None:
            problems.append(_("There is nobody here with the address %(address)s.") % {"address": address})
        elif not rights_of(user).is_member:
            problems.append(_("%(address)s is no member today, and only members lead.") % {"address": address})
        else:
            found.append(user)
    if len(found) > MOST_LEADS:
        problems.append(_("Give at most %(most)d leads.") % {"most": MOST_LEADS})
    if problems:
        raise ValidationError(problems)
    return found


@transaction.atomic
def found(
    fields: dict[str, Any],
    leads: Sequence[User] = (),
    *,
    languages: Iterable[str] = (settings.LANGUAGE_CODE,),
    audience: str = Audience.MEMBERS,
    live: bool = False,
    user: User | None = None,
) -> WorkingGroup:
    """Make a working group with all it needs, or what is missing of one whose short name is there already.

    Args:
        fields: Of ``WorkingGroup``; its ``slug`` says which one it is, and is made of the name where it is empty.
        leads: Who leads it; they are put into the group too.
        languages, audience, live: As for ``provision``.
        user: Who did it, for the log.
    """
    slug = fields.get("slug") or slugify(fields["name"])[:80]
    group, made = WorkingGroup.objects.get_or_create(slug=slug, defaults={**fields, "slug": slug})
    for lead in leads:
        if not Participation.objects.filter(user=lead, group=group, ends_on=None).exists():
            Participation.objects.create(user=lead, group=group)
        if not Office.objects.filter(user=lead, group=group, role=Office.Role.LEAD, ends_on=None).exists():
            Office.objects.create(user=lead, group=group, role=Office.Role.LEAD, starts_on=today())
    provision(group, languages, audience=audience, live=live)
    if made:
        log(instance=group, action="wagtail.create", user=user)
    return group


class NewGroupForm(forms.ModelForm):
    """All that is asked for a new working group, on one page."""

    leads = forms.CharField(
        label=gettext_lazy("First leads"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2_000,
        help_text=gettext_lazy("E-mail addresses of members, one a line, at most five. Two leads can read each other."),
    )
    audience = forms.ChoiceField(
        label=gettext_lazy("Who may read the group’s home"),
        choices=Audience.choices,
        initial=Audience.MEMBERS,
        widget=forms.RadioSelect,
    )
    languages = forms.MultipleChoiceField(
        label=gettext_lazy("The home in these languages"),
        choices=settings.LANGUAGES,
        initial=[settings.LANGUAGE_CODE],
        widget=forms.CheckboxSelectMultiple,
    )
    live = forms.BooleanField(
        label=gettext_lazy("Publish the home at once"),
        required=False,
        help_text=gettext_lazy("Else it is a draft, and the leads send it to review when it is ready."),
    )

    class Meta:
        model = WorkingGroup
        fields = ("name", "name_de", "name_fr", "name_ar", "slug", "kind", "description")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["slug"].required = False
        self.fields["slug"].help_text = _("Left empty, it is made of the name.")

    def clean_slug(self) -> str:
        """The short name, made of the name where none is given; refused where another group has it."""
        slug: str = self.cleaned_data.get("slug") or slugify(self.cleaned_data.get("name", ""))[:80]
        if not slug:
            raise ValidationError(_("Give a short name in Latin letters, such as “east-africa”."))
        if WorkingGroup.objects.filter(slug=slug).exists():
            raise ValidationError(_("Another working group has this short name."))
        return slug

    def clean_leads(self) -> list[User]:
        """The people at these addresses."""
        return people_at(self.cleaned_data["leads"].splitlines())

    def found(self, user: User) -> WorkingGroup:
        """Make the group."""
        wanted = self.cleaned_data
        return found(
            {name: wanted[name] for name in self.Meta.fields},
            wanted["leads"],
            languages=wanted["languages"],
            audience=wanted["audience"],
            live=wanted["live"],
            user=user,
        )
