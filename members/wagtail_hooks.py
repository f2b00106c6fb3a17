"""Where the secretariat manages memberships and working groups: the menu "Members"."""

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.admin.ui.tables import Column
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from .models import (
    Activity,
    Membership,
    Office,
    Organisation,
    Participation,
    Seat,
    Tier,
    WorkingGroup,
)
from .people import person_chooser

BY_PERSON = ["user__display_name", "user__email"]


@hooks.register("register_admin_viewset")
def register_person_chooser() -> object:
    """The window in which a person is chosen."""
    return person_chooser


def days() -> FieldRowPanel:
    """First and last day beside each other."""
    return FieldRowPanel([FieldPanel("starts_on"), FieldPanel("ends_on")])


def in_all_languages(field: str) -> MultiFieldPanel:
    """A wording in English and in the hub's other languages."""
    return MultiFieldPanel([FieldPanel(field)] + [FieldPanel(f"{field}_{code}") for code in ("de", "fr", "ar")])


class MembershipViewSet(SnippetViewSet):
    model = Membership
    icon = "user"
    menu_label = _("Memberships")
    list_display = ["user", "tier", "starts_on", "ends_on"]
    list_filter = ["tier", "starts_on", "ends_on"]
    search_fields = BY_PERSON
    panels = [FieldPanel("user"), FieldPanel("tier"), days()]
    add_to_reference_index = False

    def get_queryset(self, request):
        return Membership.objects.select_related("user", "tier")


class OrganisationViewSet(SnippetViewSet):
    model = Organisation
    icon = "group"
    menu_label = _("Organisations")
    list_display = ["name", "starts_on", "ends_on"]
    list_filter = ["ends_on"]
    search_fields = ["name"]
    panels = [FieldPanel("name"), FieldPanel("tier"), days()]


class SeatViewSet(SnippetViewSet):
    model = Seat
    icon = "tick"
    menu_label = _("Seats")
    list_display = ["user", "organisation", "starts_on", "ends_on"]
    list_filter = ["organisation"]
    search_fields = [*BY_PERSON, "organisation__name"]
    panels = [FieldPanel("user"), FieldPanel("organisation"), days()]

    def get_queryset(self, request):
        return Seat.objects.select_related("user", "organisation")


class WorkingGroupViewSet(SnippetViewSet):
    model = WorkingGroup
    icon = "group"
    menu_label = _("Working groups")
    list_display = ["name", Column("get_kind_display", label=_("kind")), "slug"]
    list_filter = ["kind"]
    search_fields = ["name", "name_de", "name_fr", "name_ar"]
    panels = [
        in_all_languages("name"),
        FieldPanel("slug"),
        FieldPanel("kind"),
        FieldPanel("entry"),
        FieldPanel("description"),
    ]


class ParticipationViewSet(SnippetViewSet):
    model = Participation
    icon = "group"
    menu_label = _("Who is in which group")
    list_display = ["user", "group", "starts_on", "ends_on"]
    list_filter = ["group"]
    search_fields = [*BY_PERSON, "group__name"]
    panels = [FieldPanel("user"), FieldPanel("group"), days()]

    def get_queryset(self, request):
        return Participation.objects.select_related("user", "group")


class OfficeViewSet(SnippetViewSet):
    model = Office
    icon = "key"
    menu_label = _("Leads and authors")
    list_display = [
        "user",
        Column("get_role_display", label=_("office")),
        "group",
        "starts_on",
        "ends_on",
    ]
    list_filter = ["group", "role"]
    search_fields = [*BY_PERSON, "group__name"]
    panels = [FieldPanel("user"), FieldPanel("group"), FieldPanel("role"), days()]

    def get_queryset(self, request):
        return Office.objects.select_related("user", "group")


class TierViewSet(SnippetViewSet):
    model = Tier
    icon = "list-ol"
    menu_label = _("Tiers")
    list_display = ["name", "fee", "full_access", "position"]
    panels = [
        in_all_languages("name"),
        FieldPanel("code"),
        in_all_languages("for_whom"),
        FieldRowPanel([FieldPanel("fee"), FieldPanel("reduced_share"), FieldPanel("period")]),
        FieldRowPanel([FieldPanel("full_access"), FieldPanel("for_organisations")]),
        FieldPanel("position"),
    ]


class ActivityViewSet(SnippetViewSet):
    model = Activity
    icon = "list-ul"
    menu_label = _("Activities by tier")
    list_display = ["name", "position"]
    panels = [
        in_all_languages("name"),
        FieldPanel("code"),
        FieldPanel("tiers"),
        FieldPanel("position"),
    ]


@register_snippet
class MembersViewSetGroup(SnippetViewSetGroup):
    items = (
        MembershipViewSet,
        OrganisationViewSet,
        SeatViewSet,
        WorkingGroupViewSet,
        ParticipationViewSet,
        OfficeViewSet,
        TierViewSet,
        ActivityViewSet,
    )
    menu_icon = "group"
    menu_label = _("Members")
    menu_name = "members"
    menu_order = 250
