"""Where and with whom something is used: the facets of practice that several rooms share."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel


class Setting(models.TextChoices):
    PRISON = "prison", _("Prison")
    PROBATION = "probation", _("Probation")
    COMMUNITY = "community", _("Community")
    FAMILY = "family", _("Family")
    ONLINE = "online", _("Online")
    HEALTH = "health", _("Health care")
    SCHOOL = "school", _("School")


class Stage(models.TextChoices):
    FIRST_CONTACT = "first_contact", _("First contact")
    DISENGAGEMENT = "disengagement", _("Disengagement")
    REINTEGRATION = "reintegration", _("Reintegration")
    AFTERCARE = "aftercare", _("Aftercare")


class Extremism(models.TextChoices):
    ANY = "any", _("Any form")
    RIGHT_WING = "right_wing", _("Right-wing")
    ISLAMIST = "islamist", _("Islamist")
    LEFT_WING = "left_wing", _("Left-wing")
    SEPARATIST = "separatist", _("Separatist")
    SINGLE_ISSUE = "single_issue", _("Single issue")
    ANTI_STATE = "anti_state", _("Against the state")


class Motivation(models.TextChoices):
    NOT_YET = "not_yet", _("Not yet thinking of leaving")
    DOUBTING = "doubting", _("Doubting")
    LEAVING = "leaving", _("Leaving")


class Evidence(models.TextChoices):
    EVALUATED = "evaluated", _("Evaluated")
    PRACTICE_BASED = "practice_based", _("Practice-based")
    EXPERIENCE = "experience", _("One team's experience")
    EXPERT_OPINION = "expert_opinion", _("Expert opinion")
    THEORY = "theory", _("Theory")


class Region(models.TextChoices):
    ANY = "any", _("Anywhere")
    AFRICA = "africa", _("Africa")
    ASIA_PACIFIC = "asia_pacific", _("Asia and the Pacific")
    EUROPE = "europe", _("Europe")
    LATIN_AMERICA = "latin_america", _("Latin America")
    MIDDLE_EAST = "middle_east", _("Middle East")
    NORTH_AMERICA = "north_america", _("North America")


class CodesField(models.JSONField):
    """Several of a fixed set of codes, kept as a list in the order of the choices."""

    def __init__(self, *args: Any, codes: Any = None, **kwargs: Any) -> None:
        self.codes = codes
        kwargs.setdefault("default", list)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """Leave the codes out of migrations: they are words, not columns."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.JSONField", args, kwargs

    def formfield(self, **kwargs: Any) -> forms.Field:
        """Check boxes, one for each code."""
        return forms.MultipleChoiceField(
            choices=self.codes.choices,
            required=False,
            label=self.verbose_name,
            help_text=self.help_text,
            widget=forms.CheckboxSelectMultiple,
        )

    def validate(self, value: Any, model_instance: Any) -> None:
        """Refuse codes that are not among the choices, by name."""
        super().validate(value, model_instance)
        unknown = sorted(set(value or []) - set(self.codes.values))
        if unknown:
            raise ValidationError(
                _("Unknown: %(unknown)s. Choose from %(known)s."),
                params={"unknown": ", ".join(unknown), "known": ", ".join(self.codes.values)},
            )


class PracticeContext(models.Model):
    """Setting, stage, form of extremism and region, each as far as it matters."""

    setting = CodesField(_("setting"), codes=Setting)
    stage = CodesField(_("stage"), codes=Stage)
    extremism = CodesField(_("form of extremism"), codes=Extremism)
    regions = CodesField(_("regions"), codes=Region)

    context_panels = [
        MultiFieldPanel(
            [
                FieldPanel("setting"),
                FieldPanel("stage"),
                FieldPanel("extremism"),
                FieldPanel("regions"),
            ],
            heading=_("Where and with whom"),
        )
    ]

    class Meta:
        abstract = True

    def context_facets(self) -> dict[str, list[str]]:
        """The facets of this context, for search."""
        return {
            "setting": list(self.setting),
            "stage": list(self.stage),
            "extremism": list(self.extremism),
            "region": list(self.regions),
        }
