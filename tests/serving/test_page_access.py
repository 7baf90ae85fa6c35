"""The page for everybody: languages, colours, sizes, screen readers; what it weighs and whom it asks."""

import re
from pathlib import Path

import pytest
from pen_paths import draw, made_up, number

from sonsu.serving.app import STATIC

MOST_BYTES = 150_000


def test_the_page_weighs_little():
    assert sum(path.stat().st_size for path in STATIC.iterdir()) <= MOST_BYTES


@pytest.mark.parametrize("path", [*sorted(STATIC.glob("*[!g]")), STATIC / "icon.svg"], ids=lambda path: path.name)
def test_nothing_comes_from_elsewhere(path):
    text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?:|//[\w-]+\.\w|@import|\beval\b|innerHTML", text)
    if path.suffix == ".html":  # the policy would not run it
        assert not re.search(r"<script>|\son\w+=|\sstyle=|<style", text)


def test_every_file_that_is_named_is_there():
    for path in [*STATIC.glob("*.html"), *STATIC.glob("*.js")]:
        text = path.read_text(encoding="utf-8")
        named = re.findall(r'(?:href|src)="static/([\w.-]+)"', text) + re.findall(r'from "\./([\w.-]+)"', text)
        assert all((STATIC / name).is_file() for name in named), path.name


browser = pytest.mark.browser

VIEWS = [
    pytest.param({"viewport": {"width": 1280, "height": 860}}, id="desktop"),
    pytest.param({"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}, id="phone"),
]


def fill(page, mode, sheet):
    """Have something read in a mode."""
    page.click(f"#tab-{mode}")
    if mode == "digit":
        draw(page, made_up(1)[5][1])
    elif mode == "number":
        draw(page, number("2026"), "#number canvas")
        page.click("#reading .digit >> nth=1")
    else:
        page.set_input_files("#file", [sheet])
        page.wait_for_selector("#reading .digit")
        page.click("#reading .digit >> nth=0")


@pytest.fixture(scope="module")
def sheet():
    return Path(__file__).parents[2] / "docs" / "images" / "lines.png"


@browser
@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en-GB", "ko-KR"])
def test_axe_finds_nothing(open_page, sheet, view, scheme, locale):
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(color_scheme=scheme, locale=locale, **view)
    axe = Axe()
    for mode in ("digit", "number", "picture"):
        page.click(f"#tab-{mode}")
        found = [("empty", axe.run(page))]
        fill(page, mode, sheet)
        found.append(("filled", axe.run(page)))
        for state, results in found:
            assert results.violations_count == 0, f"{mode}, {state}: {results.generate_report()}"


@browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_description(open_page, served, scheme):
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(color_scheme=scheme)
    page.goto(f"{served}/docs")
    page.wait_for_selector("article")
    page.click("summary >> nth=0")
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


@browser
@pytest.mark.parametrize(
    ("locale", "expected"),
    [("ko-KR", "숫자 하나"), ("ko", "숫자 하나"), ("en-US", "One digit"), ("fr-FR", "One digit")],
)
def test_the_browsers_language(open_page, locale, expected):
    page = open_page(locale=locale)
    assert page.inner_text("#tab-digit") == expected
    assert page.evaluate("document.documentElement.lang") == ("ko" if expected.startswith("숫") else "en")


@browser
def test_another_language_is_remembered(open_page):
    page = open_page()
    draw(page, made_up(1)[6][1])
    page.click("text=한국어")
    assert page.inner_text("#tab-number") == "여러 자리"
    assert page.inner_text("#one .verdict").startswith("확실")
    assert page.get_attribute("#digit canvas", "aria-label") == "숫자 하나를 쓰는 칸"
    page.reload()
    assert page.inner_text("#tab-number") == "여러 자리"
    page.click("text=English")
    assert page.inner_text("#tab-number") == "A number"


@browser
def test_both_languages_say_the_same(open_page):
    page = open_page()
    words = """async () => {
      const {WORDS} = await import('/static/words.js');
      const kinds = words => Object.entries(words).map(([word, said]) => `${word} ${typeof said}`);
      return Object.values(WORDS).map(words => kinds(words).sort()) }"""
    english, korean = page.evaluate(words)
    assert english == korean
    used = set(re.findall(r'say\("(\w+)"', "".join(path.read_text() for path in STATIC.glob("*.js"))))
    assert used <= {word.split()[0] for word in english}


@browser
def test_colours_go_round_and_are_remembered(open_page):
    page = open_page(color_scheme="light")
    paper = "getComputedStyle(document.documentElement).backgroundColor"
    light = page.evaluate(paper)
    page.click("#theme")
    assert page.evaluate(paper) == light
    page.click("#theme")
    dark = page.evaluate(paper)
    assert dark != light
    page.reload()
    assert page.evaluate(paper) == dark
    page.click("#theme")
    assert page.evaluate(paper) == light


@browser
@pytest.mark.parametrize("width", [320, 390, 768, 1024, 1920])
def test_no_width_needs_scrolling_sideways(open_page, sheet, width):
    page = open_page(viewport={"width": width, "height": 800})
    for mode in ("digit", "number", "picture"):
        fill(page, mode, sheet)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, mode


@browser
def test_the_whole_page_as_it_is_loaded(chromium, served):
    context = chromium.new_context()
    page = context.new_page()
    sizes = {}
    page.on("response", lambda response: sizes.update({response.url: len(response.body())}))
    page.goto(served)
    page.wait_for_function("() => document.getElementById('about').textContent")
    context.close()
    assert len(sizes) > 5
    assert sum(sizes.values()) <= MOST_BYTES
    assert all(url.startswith(served) for url in sizes)
