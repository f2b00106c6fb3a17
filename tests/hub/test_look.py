"""The look keeps its promises: light, readable in both schemes, from right to left, without inline code."""

import gzip
import math
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template
from django.test import RequestFactory
from django.utils import translation

ROOT = Path(settings.BASE_DIR)
STYLESHEET = ROOT / "static/css/hub.css"  # of every page; the others are loaded after it, where they are needed
STYLESHEETS = [STYLESHEET, *sorted(set((ROOT / "static/css").glob("*.css")) - {STYLESHEET})]
SCRIPTS = sorted((ROOT / "static/js").glob("*.js"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
COMPONENTS = sorted((ROOT / "templates/components").glob("*.html"))

CSS_BUDGET = 8 * 1024  # bytes, gzip; docs/look.md, "Budgets"
JS_BUDGET = 5 * 1024

# Which words stand on which ground. 7:1 is WCAG 2.2's enhanced contrast, 4.5:1 its minimum for
# text, 3:1 its minimum for the edges of controls.
PAIRS = [
    ("ink", "paper", 7.0),
    ("ink", "raised", 7.0),
    ("ink", "sunk", 7.0),
    ("ink", "tint", 7.0),
    ("ink", "care-tint", 7.0),
    ("ink", "wrong-tint", 7.0),
    ("ink", "mark", 7.0),
    ("soft", "paper", 7.0),
    ("soft", "raised", 7.0),
    ("soft", "tint", 4.5),
    ("soft", "care-tint", 4.5),
    ("accent", "paper", 7.0),
    ("accent", "raised", 7.0),
    ("accent", "tint", 4.5),
    ("accent", "care-tint", 4.5),
    ("accent", "wrong-tint", 4.5),
    ("accent", "mark", 4.5),
    ("deep", "paper", 7.0),
    ("deep", "tint", 4.5),
    ("on-accent", "accent", 4.5),
    ("on-accent", "deep", 4.5),
    ("care", "paper", 4.5),
    ("care", "care-tint", 4.5),
    ("wrong", "paper", 4.5),
    ("wrong", "raised", 4.5),
    ("wrong", "wrong-tint", 4.5),
    ("edge", "paper", 3.0),
    ("edge", "raised", 3.0),
]


def css(*paths: Path) -> str:
    """The rules of the style sheets, without comments; all of them if none is named."""
    text = "\n".join(path.read_text() for path in paths or STYLESHEETS)
    return re.sub(r"/\*.*?\*/", "", text, flags=re.S)


def weight(*paths: Path) -> int:
    """Bytes of the files as one, gzip at its best."""
    return sum(len(gzip.compress(path.read_bytes(), 9)) for path in paths)


def luminance(colour: str) -> float:
    """Relative luminance of ``oklch(L% C H)`` or ``#rgb``, by WCAG 2.2.

    OKLab to linear sRGB: matrices of Björn Ottosson's "A perceptual color space", 2020.
    """
    if colour.startswith("#"):
        digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
        encoded = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in encoded]
    else:
        light, chroma, hue = re.fullmatch(r"oklch\(([\d.]+)% ([\d.]+) ([\d.]+)\)", colour).groups()
        angle = math.radians(float(hue))
        lightness = float(light) / 100
        a, b = float(chroma) * math.cos(angle), float(chroma) * math.sin(angle)
        long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
        medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
        short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
        linear = [
            4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
            -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
            -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
        ]
        linear = [min(1.0, max(0.0, c)) for c in linear]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def schemes() -> dict[str, dict[str, str]]:
    """Colour tokens of the light and the dark scheme, and of browsers without light-dark()."""
    pairs = re.findall(r"--([\w-]+): light-dark\((oklch\([^)]*\)), (oklch\([^)]*\))\)", css())
    old = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", css()))
    return {
        "light": {name: light for name, light, _ in pairs},
        "dark": {name: dark for name, _, dark in pairs},
        "old browsers": old,
    }


def test_contrast_is_computed_as_the_standard_says():
    assert contrast("#000000", "#fff") == pytest.approx(21)
    assert contrast("oklch(0% 0 0)", "oklch(100% 0 0)") == pytest.approx(21, abs=0.01)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)
    # The same blue-green, written in both ways.
    assert contrast("oklch(41.56% 0.0720 200.9)", "#ffffff") == pytest.approx(contrast("#00565b", "#ffffff"), rel=0.05)


@pytest.mark.parametrize("scheme", ["light", "dark", "old browsers"])
@pytest.mark.parametrize(("words", "ground", "least"), PAIRS)
def test_words_stand_out_from_their_ground(scheme, words, ground, least):
    tokens = schemes()[scheme]
    assert contrast(tokens[words], tokens[ground]) >= least


def test_titles_stand_out_on_every_cover():
    hues = [200, *map(int, re.findall(r"\.cover--[\w.-]+ \{ --hue: (\d+)", css()))]
    assert len(hues) == 11  # nine topics, and two more for books whose topic is not told
    lightness = re.search(r"oklch\(([\d.]+)% var\(--much\) var\(--hue\)\)", css()).group(1)
    for hue in hues:
        assert contrast("#ffffff", f"oklch({lightness}% 0.085 {hue})") >= 7


def sheets_of(template: Path) -> list[Path]:
    """The style sheets that a page of this template loads after the one that all load."""
    return [ROOT / "static" / name for name in re.findall(r"'(css/[\w-]+\.css)'", template.read_text())]


def test_the_stylesheets_of_a_page_are_within_their_budget():
    assert all(STYLESHEET in sheets_of(path) for path in [ROOT / "templates/base.html"])
    for path in TEMPLATES:
        own = [sheet for sheet in sheets_of(path) if sheet != STYLESHEET]
        assert weight(STYLESHEET, *own) <= CSS_BUDGET, path.name
    used = {sheet for path in TEMPLATES for sheet in sheets_of(path)}
    assert used == set(STYLESHEETS)


def test_our_scripts_are_within_their_budget():
    """Those of every page; what one page loads besides is held by tests/hub/test_answers.py."""
    assert SCRIPTS
    assert weight(*(ROOT / "static" / name for name in ("js/suggest.js", "js/menus.js"))) <= JS_BUDGET


def test_the_stylesheet_knows_no_physical_direction():
    rules = css()
    physical = re.findall(
        r"(?:^|[\s;{])(?:(?:margin|padding|border|inset)-(?:left|right|top|bottom)[\w-]*"
        r"|left|right|top|bottom|(?:min-|max-)?(?:width|height)|border-(?:top|bottom)-\w+-radius)\s*:",
        # Media queries ask for the width of the screen by its only name.
        re.sub(r"@media \([^)]*\)", "@media", rules),
    )
    assert physical == []
    assert not re.search(r"(?:float|clear|text-align)\s*:\s*(?:left|right)", rules)
    # Four values would name a right and a left side.
    assert not re.search(r"(?:margin|padding|inset|border-width|border-radius)\s*:(?:\s+[^\s;/]+){4};", rules)


def test_the_stylesheet_fetches_nothing_and_has_its_layers_in_order():
    rules = css()
    assert "@import" not in rules
    assert "url(" not in rules
    assert "@font-face" not in rules
    order = "reset, tokens, base, layout, components, utilities"
    assert rules.lstrip().startswith(f"@layer {order};")
    assert re.findall(r"^@layer (\w+) \{", css(STYLESHEET), flags=re.M) == order.split(", ")
    for sheet in STYLESHEETS[1:]:
        assert re.findall(r"^\S[^{]*\{", css(sheet), flags=re.M) == ["@layer components {"], sheet.name


def test_motion_is_only_for_those_who_have_not_asked_for_less():
    quiet = re.sub(r"@media \(prefers-reduced-motion: no-preference\) \{[^}]*\} \}", "", css())
    assert not re.search(r"scroll-behavior|transition|animation|@keyframes", quiet)


def test_every_class_a_component_uses_is_in_the_stylesheet():
    known = set(re.findall(r"\.([a-z][\w-]*)", css()))
    for path in COMPONENTS:
        made = r"[\w-]+--(?:{{.*?}}|{%.*?endif %})"  # cover--{{ topic }}, notice--{% if … %}
        text = re.sub(made, "", path.read_text(), flags=re.S)
        text = re.sub(r"{%.*?%}|{{.*?}}", "", text, flags=re.S)
        for names in re.findall(r'class="([^"]*)"', text):
            for name in names.split():
                if not name.endswith("-"):
                    assert name in known, f"{path.name}: {name}"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_templates_have_no_inline_style_or_script(path):
    text = re.sub(r"{%\s*comment.*?endcomment\s*%}", "", path.read_text(), flags=re.S)
    assert not re.search(r"<style[\s>]", text)
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text)
    assert "javascript:" not in text
    for tag in re.findall(r"<script\b[^>]*>", text):
        assert "src=" in tag or 'type="application/ld+json"' in tag, tag
    assert not re.search(r"(?:src|href|action)\s*=\s*[\"']\s*(?:https?:)?//", text)


@pytest.mark.parametrize("path", COMPONENTS, ids=lambda path: path.stem)
def test_each_component_begins_with_its_signature(path):
    assert path.read_text().startswith("{% comment %}\n")


def test_the_vocabulary_names_every_component():
    words = (ROOT / "docs/look.md").read_text()
    silent = {"mark", "messages"}  # base.html alone uses them
    assert [path.stem for path in COMPONENTS if path.stem not in silent and path.name not in words] == []


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("de", "ltr"), ("fr", "ltr"), ("ar", "rtl")])
def test_the_skeleton_renders_without_any_variable(language, direction):
    with translation.override(language):
        html = " ".join(get_template("base.html").render({}).split())
    assert f'<html lang="{language}" dir="{direction}">' in html
    assert 'href="#content"' in html
    assert 'role="search"' in html
    assert "/accounts/login/" in html


def test_the_skeleton_shows_the_menu_the_person_and_the_languages():
    page = get_template("base.html").render(
        {
            "menu": [{"title": "Library", "url": "/library/", "is_current": True}],
            "signed_in": True,
            "account_name": "Amina <K>",
            "language_links": [("en", "English", "/", True), ("ar", "العربية", "/ar/", False)],
            "footer_links": [{"title": "Privacy", "url": "/privacy/"}],
        }
    )
    page = " ".join(page.split())
    assert '<a href="/library/" aria-current="true">Library</a>' in page
    assert "Amina &lt;K&gt;" in page
    assert 'href="/ar/" lang="ar" hreflang="ar"' in page
    assert "Sign in" not in page


@pytest.mark.parametrize("name", ["400.html", "403.html", "403_csrf.html", "404.html", "500.html"])
def test_error_pages_render_with_nothing_at_all(name):
    html = get_template(name).render({})
    assert html.count("<h1") == 1
    assert "INDEX" in html


@pytest.mark.parametrize("name", ["400.html", "500.html"])
def test_pages_for_when_all_is_lost_depend_on_nothing(name):
    source = (ROOT / "templates" / name).read_text()
    assert "{% extends" not in source
    assert "{% static " not in source
    assert "{% url" not in source


def not_found(address: str, **variables: object) -> str:
    request = RequestFactory().get(address)
    # Without the context processors: what the template itself makes of an address.
    return get_template("404.html").render({"request": request, "exception": "secret", **variables})


def test_the_404_says_the_same_for_every_address():
    address, other = "/groups/fathers/?q=%3Cb%3E", "/nothing/"
    page = not_found(address)
    assert "?next=%2Fgroups%2Ffathers%2F%3Fq%3D%253Cb%253E" in page
    way_back = re.compile(r"\?next=[^\"]*")
    assert way_back.sub("", page) == way_back.sub("", not_found(other))
    assert "fathers" not in way_back.sub("", page)
    assert "secret" not in page


def test_the_404_offers_renewal_to_a_lapsed_member_and_no_sign_in():
    page = not_found("/library/", signed_in=True, lapsed=True, renew_url="/account/renew/")
    assert 'href="/account/renew/"' in page
    assert "?next=" not in page


def test_the_404_offers_a_member_neither_sign_in_nor_renewal():
    page = not_found("/library/", signed_in=True)
    assert "?next=" not in page
    assert "Renew" not in page


def test_the_403_says_who_a_page_is_for_and_what_to_do():
    page = get_template("403.html").render(
        {
            "title": "Three cases",
            "audience": "full",
            "you_are": "You are an Associate member.",
            "action_url": "/account/",
            "action_label": "Change my membership",
        }
    )
    assert "This is for Full members." in page
    assert "You are an Associate member." in page
    assert '<a class="button" href="/account/">Change my membership</a>' in page
    assert 'type="password"' not in page


def test_a_closed_entry_says_so_in_words():
    entry = get_template("components/entry.html").render(
        {
            "title": "Three <cases>",
            "url": "/x/",
            "audience": "group:7+full",
            "group": "Family and community",
            "closed": True,
            "language": "ar",
        }
    )
    assert "Three &lt;cases&gt;" in entry
    assert "Full members of Family and community" in entry
    assert "closed to you" in entry
    assert 'lang="ar" dir="rtl"' in entry


@pytest.mark.parametrize(
    ("audience", "words"),
    [
        ("public", "Open to all"),
        ("members", "Members"),
        ("full", "Full members"),
        ("group", "Your group"),
        ("group:12", "Your group"),
        ("group_full", "Full members of your group"),
        ("group:12+full", "Full members of your group"),
        ("nobody", "Closed"),
        ("something else", "Closed"),
    ],
)
def test_every_audience_has_its_words(audience, words):
    sign = get_template("components/audience.html").render({"audience": audience})
    said = " ".join(re.sub(r"<[^>]*>", " ", sign).split())
    assert said == words


def test_htmx_keeps_no_copies_of_pages_and_evaluates_nothing():
    head = get_template("components/htmx.html").render({})
    for setting in ('"historyCacheSize":0', '"allowEval":false', '"includeIndicatorStyles":false'):
        assert setting in head
