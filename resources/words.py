"""What is said about each kind of resource and each kind of evidence."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.models import Evidence

RESOURCE_KINDS = ("practice", "tool", "lesson", "research", "insight")

# What a reader may do with each kind, in one or two sentences (L12).
WHAT_TO_DO = {
    "practice": _(
        "Read first what can go wrong. Change one thing so that it fits your place, try it with a colleague near, "
        "and write down what happened."
    ),
    "tool": _("Take it with you, try it once on a made-up case, and only then use it with a person."),
    "lesson": _("Take one thing that carries over to your next team meeting, and keep in mind what does not."),
    "research": _(
        "Look at who was studied, and where. Ask in your team what is different here. It is a reason to think, "
        "not a rule."
    ),
    "insight": _("Compare it with what you have seen yourself, and talk about the difference with a colleague."),
}

# What the kinds of evidence mean; shown where the badge is (L1).
EVIDENCE_MEANS = {
    Evidence.EVALUATED: _(
        "Somebody other than its makers studied it: people or teams who used it were compared with others, "
        "or with themselves before."
    ),
    Evidence.PRACTICE_BASED: _(
        "Several teams have used it for years and agree on what they saw. It has not been studied formally."
    ),
    Evidence.EXPERIENCE: _("One team has used it and tells what happened. Elsewhere it may work differently."),
    Evidence.EXPERT_OPINION: _("People who know the field well recommend it. It has not been tried systematically."),
    Evidence.THEORY: _(
        "It follows from theory, or from research in another field. It has yet to be tried in this work."
    ),
}
