"""English that is spelled in two ways."""

from __future__ import annotations

import re
from functools import lru_cache

_SPELLINGS = [
    (re.compile(pattern), to)
    for pattern, to in (
        # Not supervise, promise, exercise, advertise and the like, which have one spelling.
        (
            r"(?<=...)(?<![vwuoa])(?<![^i]c)(?<!pr|ch)(?<!prem|prom|prac)(?<!pract)(?<!advert)(?<!merchand)"
            r"is(?=(?:e|ed|es|er|ers|ing|able|ation|ations|ational|ationally)$)",
            "iz",
        ),
        (r"(?<=..[l])ys(?=(?:e|ed|es|er|ers|ing)$)", "yz"),
        (
            r"((?:behavi|col|fav|flav|harb|hon|hum|lab|neighb|rum|vig|rig|endeav|arm|parl|sav|tum|od|cand|demean"
            r"|splend|val|vap|clam|ferv|glam|ard|savi|arb|succ|ranc|misdemean))our",
            r"\1or",
        ),
        (r"((?:cent|theat|met|lit|fib|calib|meag|somb|spect|lust|sab|och))re(?=s?$)", r"\1er"),
        (r"(cent|met)r(?=ed$)", r"\1er"),
        (r"((?:dial|catal|anal|monol|epil|prol))ogue", r"\1og"),
        (r"^((?:self)?(?:def|off|lic|pret))ence", r"\1ense"),
        (r"^(mal|)pract(?:is)(?=e|ed|es|ing$)", r"\1practic"),
        (
            r"((?:counse|trave|mode|labe|cance|fue|leve|signa|channe|marsha|quarre|riva|tota|tunne|equa|initia|dia"
            r"|jewe|marve|pane|shove|spira|unrave))ll(?=(?:ed|ing|ings|er|ers|or|ors|ery|ous)$)",
            r"\1l",
        ),
        (r"^(enrol|fulfil|instal|instil|distil)l?(?=(?:ment|ments|s)?$)", r"\1l"),
        (r"^(skil|wil)l?ful", r"\1lful"),
        (r"^programme(?=s?$)", "program"),
        (r"paed", "ped"),
        (r"^(?:oe|ae)(?=st)", "e"),
        (r"(?<=.)(?:aemi)", "emi"),
        (r"^foet", "fet"),
        (r"manoeuv(?:re|er)", "maneuver"),
        (r"^(en|in)quir", "inquir"),
        (r"^sceptic", "skeptic"),
        (r"^gr[ae]y", "gray"),
        (r"^(ag|judg|acknowledg)e(?=ing$|ment$|ments$)", r"\1"),
    )
]
_TWO_WAYS = re.compile(
    r"[iy]s(?:e|i|a)|our|re[sd]?$|ogue|ence|ll|l(?:ment|ful|s?$)|programme|ae|oe|manoeu|nquir|scept|gr[ae]y|[gt]e(?:ing|ment)"
)
"""What every word has that is spelled in two ways, to know the others at once."""


@lru_cache(maxsize=200_000)
def american(word: str) -> str:
    """Give an English word in one of its two spellings, so that both are the same word.

    >>> [american(word) for word in ("deradicalisation", "behavioural", "counselling", "hour")]
    ['deradicalization', 'behavioral', 'counseling', 'hour']
    """
    if _TWO_WAYS.search(word):
        for pattern, to in _SPELLINGS:
            word = pattern.sub(to, word)
    return word
