"""What every hub has before its first member: tiers, activities and the groups of its staff.

Called after every migration, by the demo and by the tests' fixture. It may run any number of
times: what is there stays as the secretariat left it.
"""

from decimal import Decimal

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db import transaction

from .models import BOARD, SECRETARIAT, Activity, Tier

# Tiers, fees and whom they are for: the association's membership page (docs/sources.md, "fees").
TIERS: list[dict[str, object]] = [
    {
        "code": "full",
        "name": "Full",
        "name_de": "Vollmitglied",
        "name_fr": "Membre titulaire",
        "name_ar": "عضوية كاملة",
        "for_whom": "People who do exit and disengagement work.",
        "for_whom_de": "Menschen, die Ausstiegs- und Distanzierungsarbeit leisten.",
        "for_whom_fr": "Les personnes qui accompagnent la sortie et le désengagement.",
        "for_whom_ar": "للأشخاص الذين يعملون في مجال الخروج من التطرف وفك الارتباط به.",
        "fee": Decimal("150.00"),
        "period": Tier.Period.CALENDAR_YEAR,
        "full_access": True,
        "for_organisations": False,
    },
    {
        "code": "organisational",
        "name": "Organisational",
        "name_de": "Organisation",
        "name_fr": "Organisation",
        "name_ar": "عضوية المنظمات",
        "for_whom": "Organisations that do exit and disengagement work, with as many seats as they need.",
        "for_whom_de": "Organisationen, die Ausstiegs- und Distanzierungsarbeit leisten, mit so "
        "vielen Plätzen, wie sie brauchen.",
        "for_whom_fr": "Les organisations qui accompagnent la sortie et le désengagement, avec "
        "autant de places qu’il leur faut.",
        "for_whom_ar": "للمنظمات التي تعمل في مجال الخروج من التطرف وفك الارتباط به، بعدد المقاعد الذي تحتاج إليه.",
        "fee": Decimal("1500.00"),
        "period": Tier.Period.TWELVE_MONTHS,
        "full_access": True,
        "for_organisations": True,
    },
    {
        "code": "associate",
        "name": "Associate",
        "name_de": "Assoziiertes Mitglied",
        "name_fr": "Membre associé",
        "name_ar": "عضوية منتسبة",
        "for_whom": "People in tertiary prevention who do not work with clients themselves.",
        "for_whom_de": "Menschen in der tertiären Prävention, die nicht selbst mit Klientinnen und Klienten arbeiten.",
        "for_whom_fr": "Les personnes de la prévention tertiaire qui n’accompagnent pas elles-mêmes.",
        "for_whom_ar": "للعاملين في الوقاية من الدرجة الثالثة ممن لا يعملون مباشرة مع المستفيدين.",
        "fee": Decimal("100.00"),
        "period": Tier.Period.TWELVE_MONTHS,
        "full_access": False,
        "for_organisations": False,
    },
    {
        "code": "student",
        "name": "Student or unemployed",
        "name_de": "In Ausbildung oder ohne Stelle",
        "name_fr": "Étudiant ou sans emploi",
        "name_ar": "طالب أو باحث عن عمل",
        "for_whom": "People who want to work in this field and have no post yet.",
        "for_whom_de": "Menschen, die in diesem Feld arbeiten wollen und noch keine Stelle haben.",
        "for_whom_fr": "Les personnes qui veulent travailler dans ce domaine et n’ont pas encore de poste.",
        "for_whom_ar": "للراغبين في العمل في هذا المجال ممن ليست لديهم وظيفة بعد.",
        "fee": Decimal("75.00"),
        "period": Tier.Period.TWELVE_MONTHS,
        "full_access": False,
        "for_organisations": False,
    },
]

# The table tier × activity. What is not for every tier names the tiers that have it.
WITH_FULL_ACCESS = {"full", "organisational"}
ACTIVITIES: list[tuple[dict[str, str], set[str] | None]] = [
    (
        {
            "code": "library",
            "name": "The library, guidebooks and standards for members",
            "name_de": "Bibliothek, Handbücher und Standards für Mitglieder",
            "name_fr": "La bibliothèque, les guides et les normes réservés aux membres",
            "name_ar": "المكتبة والأدلة والمعايير المخصصة للأعضاء",
        },
        None,
    ),
    (
        {
            "code": "full-library",
            "name": "What is marked “Full members”",
            "name_de": "Was mit „Vollmitglieder“ gekennzeichnet ist",
            "name_fr": "Ce qui porte la mention « membres titulaires »",
            "name_ar": "ما يحمل علامة «العضوية الكاملة»",
        },
        WITH_FULL_ACCESS,
    ),
    (
        {
            "code": "working-groups",
            "name": "Working groups, by theme and by part of the world",
            "name_de": "Arbeitsgruppen nach Thema und nach Weltregion",
            "name_fr": "Les groupes de travail, par thème et par région du monde",
            "name_ar": "مجموعات العمل بحسب الموضوع وبحسب المنطقة",
        },
        None,
    ),
    (
        {
            "code": "events",
            "name": "Webinars, meetings and trainings for members",
            "name_de": "Webinare, Treffen und Schulungen für Mitglieder",
            "name_fr": "Les webinaires, réunions et formations réservés aux membres",
            "name_ar": "الندوات عبر الإنترنت والاجتماعات والدورات المخصصة للأعضاء",
        },
        None,
    ),
    (
        {
            "code": "talk",
            "name": "Talk among members",
            "name_de": "Austausch unter Mitgliedern",
            "name_fr": "Les échanges entre membres",
            "name_ar": "النقاش بين الأعضاء",
        },
        None,
    ),
    (
        {
            "code": "opportunities",
            "name": "Jobs, funding, courses and consulting work",
            "name_de": "Stellen, Fördermittel, Kurse und Beratungsaufträge",
            "name_fr": "Emplois, financements, formations et missions de conseil",
            "name_ar": "الوظائف والتمويل والدورات وأعمال الاستشارة",
        },
        None,
    ),
    (
        {
            "code": "consultation",
            "name": "Consultations and the network’s priorities",
            "name_de": "Konsultationen und die Schwerpunkte des Netzwerks",
            "name_fr": "Les consultations et les priorités du réseau",
            "name_ar": "المشاورات وأولويات الشبكة",
        },
        None,
    ),
    (
        {
            "code": "supervision",
            "name": "Supervision and case rooms",
            "name_de": "Supervision und Fallräume",
            "name_fr": "La supervision et les espaces d’étude de cas",
            "name_ar": "الإشراف المهني وغرف دراسة الحالات",
        },
        WITH_FULL_ACCESS,
    ),
]


@transaction.atomic
def make_baseline() -> None:
    """Make what is missing of the tiers, activities and staff groups."""
    make_tiers()
    make_activities()
    make_staff_groups()


def make_tiers() -> None:
    """Make the four tiers of the association where they are missing."""
    for position, tier in enumerate(TIERS):
        Tier.objects.get_or_create(code=tier["code"], defaults={**tier, "position": position})


def make_activities() -> None:
    """Make the activities and who may take part, unless the secretariat has a table already."""
    if Activity.objects.exists():
        return
    tiers = list(Tier.objects.filter(code__in=[tier["code"] for tier in TIERS]))
    for position, (activity, codes) in enumerate(ACTIVITIES):
        made = Activity.objects.create(**activity, position=position)
        made.tiers.set(tier for tier in tiers if codes is None or tier.code in codes)


def make_staff_groups() -> None:
    """Make the groups "Secretariat", with the admin and all of this room, and "Board".

    What the secretariat may do with pages, files and topics is granted where these live.
    """
    Group.objects.get_or_create(name=BOARD)
    secretariat, _ = Group.objects.get_or_create(name=SECRETARIAT)
    # After a migration the permissions of this room and of the admin may not be there yet.
    for label in ("members", "wagtailadmin"):
        create_permissions(apps.get_app_config(label), verbosity=0)
    secretariat.permissions.add(
        *Permission.objects.filter(content_type__app_label="members"),
        Permission.objects.get(content_type__app_label="wagtailadmin", codename="access_admin"),
    )
