"""Who is who: people, tiers and memberships, organisations and seats, working groups."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

SECRETARIAT = "Secretariat"
BOARD = "Board"


def today() -> date:
    """The date in UTC, by which every membership, seat and office begins and ends."""
    return timezone.now().date()


def in_language(thing: models.Model, field: str, language: str | None = None) -> str:
    """The wording of ``field`` in ``language`` (default: the reader's), else in English.

    A model with such words has the English in ``field`` and the others in ``field_de`` and so on.
    """
    code = (language or get_language() or "en").split("-")[0]
    return getattr(thing, f"{field}_{code}", "") or getattr(thing, field)


def in_order(first: str, last: str) -> Q:
    """The check that ``last`` is not before ``first``; an empty end is allowed."""
    return Q(**{f"{last}__isnull": True}) | Q(**{f"{last}__gte": F(first)})


class UserManager(BaseUserManager["User"]):
    """Makes people; an address is kept in small letters, so that one person is one row."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Make a person. Without a password nobody can sign in until one is set by reset."""
        if not email:
            raise ValueError("A person needs an e-mail address to sign in")
        user = self.model(email=email, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Make a person who may do everything in the admin."""
        return self.create_user(email, password, **{**fields, "is_superuser": True})

    def get_by_natural_key(self, email: str | None) -> User:
        """The person with this address, however it is written."""
        return self.get(email=(email or "").strip().lower())


def known_time_zone(name: str) -> None:
    """Refuse what is no IANA time zone."""
    if name not in available_timezones():
        raise ValidationError(_("This is not a time zone we know."), code="time_zone")


class User(AbstractBaseUser, PermissionsMixin):
    """A person who can sign in. Others see the display name, which may be a pseudonym."""

    email = models.EmailField(
        _("e-mail address"),
        unique=True,
        error_messages={"unique": _("A person with this address is here already.")},
    )
    display_name = models.CharField(
        _("display name"),
        max_length=80,
        help_text=_("Shown to other members. It may be a pseudonym."),
    )
    legal_name = models.CharField(
        _("legal name"),
        max_length=160,
        blank=True,
        help_text=_("For invoices only. Never shown on the site."),
    )
    language = models.CharField(_("language"), max_length=12, default="en")
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[known_time_zone])
    is_active = models.BooleanField(
        _("may sign in"),
        default=True,
        help_text=_("Take this away rather than delete the person."),
    )
    date_joined = models.DateTimeField(_("here since"), default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["display_name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["display_name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(email=Lower("email")),
                name="user_email_in_small_letters",
                violation_error_message=_("Write the e-mail address in small letters."),
            ),
            models.CheckConstraint(
                condition=~Q(display_name=""),
                name="user_has_a_display_name",
                violation_error_message=_("Give a display name."),
            ),
        ]

    def __str__(self) -> str:
        return self.display_name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = (self.email or "").strip().lower()
        super().save(*args, **kwargs)

    def clean(self) -> None:
        super().clean()
        self.email = (self.email or "").strip().lower()
        self.display_name = (self.display_name or "").strip()
        if "@" in self.display_name:
            # An address used as a name would be shown to everybody.
            raise ValidationError({"display_name": _("Choose a name that is no e-mail address.")})

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name

    @property
    def hub_language(self) -> str:
        """The language in which the hub writes to this person: the chosen one, or the first where it has not that."""
        return self.language if self.language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE

    @cached_property
    def is_secretariat(self) -> bool:
        """Whether this person runs the hub: a superuser, or in the group "Secretariat"."""
        if not self.is_active:
            return False
        return self.is_superuser or self.groups.filter(name=SECRETARIAT).exists()


class Tier(models.Model):
    """A sort of membership: whom it is for, what it costs and what it opens."""

    class Period(models.TextChoices):
        CALENDAR_YEAR = "calendar_year", _("calendar year, 1 January to 31 December")
        TWELVE_MONTHS = "twelve_months", _("twelve months from the first day")

    code = models.SlugField(_("code"), unique=True)
    name = models.CharField(_("name"), max_length=80)
    name_de = models.CharField(_("name in German"), max_length=80, blank=True)
    name_fr = models.CharField(_("name in French"), max_length=80, blank=True)
    name_ar = models.CharField(_("name in Arabic"), max_length=80, blank=True)
    for_whom = models.TextField(_("for whom"))
    for_whom_de = models.TextField(_("for whom, in German"), blank=True)
    for_whom_fr = models.TextField(_("for whom, in French"), blank=True)
    for_whom_ar = models.TextField(_("for whom, in Arabic"), blank=True)
    fee = models.DecimalField(
        _("fee"),
        max_digits=8,
        decimal_places=2,
        validators=[MinValueValidator(Decimal(0))],
        help_text=_("In euros for one period."),
    )
    reduced_share = models.DecimalField(
        _("reduced share"),
        max_digits=3,
        decimal_places=2,
        default=Decimal("0.50"),
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(1))],
        help_text=_("The part of the fee, between 0 and 1, that is paid in poorer countries."),
    )
    period = models.CharField(_("period"), max_length=16, choices=Period.choices)
    full_access = models.BooleanField(
        _("full access"),
        default=False,
        help_text=_("Opens what is marked for Full members."),
    )
    for_organisations = models.BooleanField(_("for organisations"), default=False)
    position = models.PositiveSmallIntegerField(_("position in lists"), default=0)

    class Meta:
        verbose_name = _("tier")
        verbose_name_plural = _("tiers")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(fee__gte=0),
                name="tier_fee_not_negative",
                violation_error_message=_("A fee is 0 or more."),
            ),
            models.CheckConstraint(
                condition=Q(reduced_share__gte=0, reduced_share__lte=1),
                name="tier_reduced_share_is_a_share",
                violation_error_message=_("A share lies between 0 and 1."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name_here(self) -> str:
        """The tier's name in the reader's language."""
        return in_language(self, "name")

    @property
    def for_whom_here(self) -> str:
        """Whom the tier is for, in the reader's language."""
        return in_language(self, "for_whom")

    @property
    def reduced_fee(self) -> Decimal:
        """The fee in EUR paid by members from low- and middle-income countries."""
        return (self.fee * self.reduced_share).quantize(Decimal("0.01"))

    def last_day(self, starts_on: date) -> date:
        """The last day of a period that begins on ``starts_on``, itself still a member's day."""
        if self.period == self.Period.CALENDAR_YEAR:
            return date(starts_on.year, 12, 31)
        try:
            anniversary = starts_on.replace(year=starts_on.year + 1)
        except ValueError:  # 29 February: the next year has none, its day is 1 March
            anniversary = date(starts_on.year + 1, 3, 1)
        return anniversary - timedelta(days=1)


class Activity(models.Model):
    """One thing a membership may open, for the table "what each tier opens"."""

    code = models.SlugField(_("code"), unique=True)
    name = models.CharField(_("name"), max_length=160)
    name_de = models.CharField(_("name in German"), max_length=160, blank=True)
    name_fr = models.CharField(_("name in French"), max_length=160, blank=True)
    name_ar = models.CharField(_("name in Arabic"), max_length=160, blank=True)
    position = models.PositiveSmallIntegerField(_("position in lists"), default=0)
    tiers = models.ManyToManyField(Tier, verbose_name=_("open to"), related_name="activities", blank=True)

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def name_here(self) -> str:
        """The activity's name in the reader's language."""
        return in_language(self, "name")


class Dated(models.Model):
    """Something true from one day to another, both included. An empty end means: still true."""

    starts_on = models.DateField(_("first day"), default=today)
    ends_on = models.DateField(_("last day"), null=True, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=in_order("starts_on", "ends_on"),
                name="%(class)s_days_in_order",
                violation_error_message=_("The last day is before the first day."),
                violation_error_code="days",
            ),
        ]

    def clean(self) -> None:
        super().clean()
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": _("The last day is before the first day.")}, code="days")


class Membership(models.Model):
    """A person's own membership in a tier, for which dues were paid until its last day."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        on_delete=models.CASCADE,
        related_name="memberships",
    )
    tier = models.ForeignKey(Tier, verbose_name=_("tier"), on_delete=models.PROTECT, related_name="memberships")
    starts_on = models.DateField(_("first day"), default=today)
    ends_on = models.DateField(
        _("last day"),
        blank=True,
        help_text=_("Left empty, it is the last day of the tier's period."),
    )

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["-ends_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="membership_days_in_order",
                violation_error_message=_("The last day is before the first day."),
                violation_error_code="days",
            ),
            models.UniqueConstraint(
                fields=["user", "tier", "starts_on"],
                name="membership_once_per_first_day",
                violation_error_message=_("This membership is here already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.tier}, {self.starts_on} – {self.ends_on}"

    def clean(self) -> None:
        super().clean()
        if self.tier_id and self.tier.for_organisations:
            raise ValidationError({"tier": _("This tier is for organisations: give the person a seat in one.")})
        if self.tier_id and self.starts_on and not self.ends_on:
            self.ends_on = self.tier.last_day(self.starts_on)
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": _("The last day is before the first day.")}, code="days")


class Organisation(models.Model):
    """A body that is a member itself and gives seats to its people, as many as it likes."""

    name = models.CharField(_("name"), max_length=160, unique=True)
    tier = models.ForeignKey(Tier, verbose_name=_("tier"), on_delete=models.PROTECT, related_name="organisations")
    starts_on = models.DateField(_("first day"), default=today)
    ends_on = models.DateField(
        _("last day"),
        blank=True,
        help_text=_("Left empty, it is the last day of the tier's period."),
    )

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="organisation_days_in_order",
                violation_error_message=_("The last day is before the first day."),
                violation_error_code="days",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        if self.tier_id and not self.tier.for_organisations:
            raise ValidationError({"tier": _("This tier is for single persons.")})
        if self.tier_id and self.starts_on and not self.ends_on:
            self.ends_on = self.tier.last_day(self.starts_on)
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": _("The last day is before the first day.")}, code="days")


class Seat(Dated):
    """A person who is a member through an organisation, while both the seat and it last."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        on_delete=models.CASCADE,
        related_name="seats",
    )
    organisation = models.ForeignKey(
        Organisation,
        verbose_name=_("organisation"),
        on_delete=models.CASCADE,
        related_name="seats",
    )

    class Meta(Dated.Meta):
        verbose_name = _("seat")
        verbose_name_plural = _("seats")
        ordering = ["organisation", "user"]
        constraints = [
            *Dated.Meta.constraints,
            models.UniqueConstraint(
                fields=["user", "organisation"],
                condition=Q(ends_on__isnull=True),
                name="seat_open_once",
                violation_error_message=_("This person has a seat there already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.organisation}"


class WorkingGroup(models.Model):
    """People who work on one theme or in one part of the world."""

    class Kind(models.TextChoices):
        THEME = "theme", pgettext_lazy("kind of working group", "theme")
        LOCATION = "location", pgettext_lazy("kind of working group", "location")

    class Entry(models.TextChoices):
        """How a member comes in."""

        OPEN = "open", _("members join at once")
        ASK = "ask", _("members ask, and the leads answer")

    name = models.CharField(_("name"), max_length=120, unique=True)
    name_de = models.CharField(_("name in German"), max_length=120, blank=True)
    name_fr = models.CharField(_("name in French"), max_length=120, blank=True)
    name_ar = models.CharField(_("name in Arabic"), max_length=120, blank=True)
    slug = models.SlugField(_("short name in addresses"), max_length=80, unique=True)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    entry = models.CharField(_("how members come in"), max_length=8, choices=Entry.choices, default=Entry.ASK)
    description = models.TextField(_("description"), blank=True)
    lead_publishes_alone = models.BooleanField(
        _("one lead may publish alone"),
        default=False,
        help_text=_("Then a lead may approve his or her own work, but never what everybody may read."),
    )

    class Meta:
        verbose_name = _("working group")
        verbose_name_plural = _("working groups")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def name_here(self) -> str:
        """The group's name in the reader's language."""
        return in_language(self, "name")


class Participation(Dated):
    """A person in a working group. It counts while he or she is a member of the network."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        on_delete=models.CASCADE,
        related_name="participations",
    )
    group = models.ForeignKey(
        WorkingGroup,
        verbose_name=_("working group"),
        on_delete=models.CASCADE,
        related_name="participations",
    )

    class Meta(Dated.Meta):
        verbose_name = _("participation")
        verbose_name_plural = _("participations")
        ordering = ["group", "user"]
        constraints = [
            *Dated.Meta.constraints,
            models.UniqueConstraint(
                fields=["user", "group"],
                condition=Q(ends_on__isnull=True),
                name="participation_open_once",
                violation_error_message=_("This person is in the group already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.group}"


class Office(Dated):
    """A term as lead or author of a working group. It opens nothing without participation."""

    class Role(models.TextChoices):
        LEAD = "lead", pgettext_lazy("office in a working group", "lead")
        AUTHOR = "author", pgettext_lazy("office in a working group", "author")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        on_delete=models.CASCADE,
        related_name="offices",
    )
    group = models.ForeignKey(
        WorkingGroup,
        verbose_name=_("working group"),
        on_delete=models.CASCADE,
        related_name="offices",
    )
    role = models.CharField(_("office"), max_length=16, choices=Role.choices)

    class Meta(Dated.Meta):
        verbose_name = _("office")
        verbose_name_plural = _("offices")
        ordering = ["group", "role", "user"]
        constraints = [
            *Dated.Meta.constraints,
            models.UniqueConstraint(
                fields=["user", "group", "role"],
                condition=Q(ends_on__isnull=True),
                name="office_open_once",
                violation_error_message=_("This person holds the office already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}, {self.group}"

    def clean(self) -> None:
        super().clean()
        if not self.user_id or not self.group_id:
            return
        if not Participation.objects.filter(
            Q(ends_on__isnull=True) | Q(ends_on__gte=self.starts_on),
            user=self.user_id,
            group=self.group_id,
        ).exists():
            raise ValidationError({"user": _("Only somebody in the group can hold its offices.")})
