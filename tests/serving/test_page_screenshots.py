"""The page as docs/ shows it; with SONSU_PICTURES=docs/images the pictures there are made anew."""

import os
from pathlib import Path

import pytest
from pen_paths import draw, made_up, number
from PIL import Image

pytestmark = pytest.mark.browser

DESKTOP = {"viewport": {"width": 1280, "height": 860}}
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}


def digit(page):
    draw(page, made_up(2, seed=3)[24][1])


def doubt(page):
    """A 1 that might be a 7."""
    draw(page, made_up(1, seed=43)[11][1])
    assert page.inner_text("#one .verdict") == "unsure: 1 or 7?"


def number_chosen(page):
    page.click("#tab-number")
    draw(page, number("40198"), "#number canvas")
    page.click("#reading .digit >> nth=3")


def photo(page):
    page.click("#tab-picture")
    page.click("#example")
    page.wait_for_selector("#reading .digit")
    page.locator("#picture .box").nth(5).click()


SHOTS = [
    ("digit-en-light", doubt, DESKTOP, "en-GB", "light"),
    ("number-ko-dark", number_chosen, DESKTOP, "ko-KR", "dark"),
    ("picture-en-light", photo, DESKTOP, "en-GB", "light"),
    ("phone-digit-ko-light", digit, PHONE, "ko-KR", "light"),
    ("phone-number-en-dark", number_chosen, PHONE, "en-GB", "dark"),
]


@pytest.mark.parametrize(("name", "prepare", "view", "locale", "scheme"), SHOTS, ids=[shot[0] for shot in SHOTS])
def test_a_screenshot(open_page, tmp_path, name, prepare, view, locale, scheme):
    page = open_page(color_scheme=scheme, locale=locale, **view)
    prepare(page)
    page.wait_for_timeout(300)  # colours change softly
    path = Path(os.environ.get("SONSU_PICTURES", tmp_path)) / f"serve-{name}.png"
    page.screenshot(path=path)
    with Image.open(path) as picture:
        assert picture.width == view["viewport"]["width"] * view.get("device_scale_factor", 1)
        small = picture.convert("P", palette=Image.Palette.ADAPTIVE, colors=256)
    small.save(path, optimize=True)
