"""Writing on the page: with mouse, finger, pen and keyboard."""

import pytest
from pen_paths import ANSWERED, draw, made_up, number, recorded

pytestmark = pytest.mark.browser


def label(page):
    return page.inner_text("#one .label")


def test_digits_by_many_hands(open_page):
    page = open_page()
    written = made_up(n_writers=2) + recorded(40)
    read = []
    for _, strokes in written:
        draw(page, strokes)
        read.append(label(page))
        page.click("#digit .tools button:nth-child(2)")
    wrong = [(truth, answer) for (truth, _), answer in zip(written, read, strict=True) if str(truth) != answer]
    assert len(wrong) <= 0.02 * len(written), wrong


def test_what_is_shown_of_a_digit(open_page):
    page = open_page()
    assert page.inner_text("#one .verdict") == "Nothing written yet"
    draw(page, made_up(1)[4][1])
    assert label(page) == "4"
    assert page.inner_text("#one .verdict").startswith("sure, 99.")
    size = page.eval_on_selector("#one figure img", "img => [img.naturalWidth, img.naturalHeight]")
    assert size == [28, 28]
    shares = page.eval_on_selector_all(
        "#one .bars li", "bars => bars.map(bar => bar.style.getPropertyValue('--share'))"
    )
    assert len(shares) == 10
    assert max(range(10), key=lambda digit: float(shares[digit])) == 4
    page.wait_for_function("() => document.getElementById('said').textContent.startsWith('4 sure')")


def test_undo_and_clear(open_page):
    page = open_page()
    undo, clear = page.locator("#digit .tools button").all()
    assert undo.is_disabled() and clear.is_disabled()
    digits = made_up(1)
    draw(page, digits[4][1])  # of two strokes
    strokes = len(digits[4][1])
    since = page.evaluate("performance.now()")
    undo.click()
    if strokes > 1:
        page.wait_for_function(ANSWERED, arg=since)
        assert undo.is_enabled()
    clear.click()
    assert undo.is_disabled()
    assert page.inner_text("#one .verdict") == "Nothing written yet"
    draw(page, digits[8][1])
    for _ in digits[8][1]:
        page.keyboard.press("Control+z")
    assert page.inner_text("#one .verdict") == "Nothing written yet"


def test_a_number(open_page):
    page = open_page()
    page.click("#tab-number")
    draw(page, number("40198"), "#number canvas")
    assert page.inner_text("#reading .digits").split() == list("40198")
    assert page.locator("#number .box").count() == 5
    boxes = [page.locator("#number .box").nth(i).bounding_box() for i in range(5)]
    sheet = page.locator("#number canvas").bounding_box()
    assert [box["x"] for box in boxes] == sorted(box["x"] for box in boxes)
    assert all(sheet["x"] <= box["x"] and box["x"] + box["width"] <= sheet["x"] + sheet["width"] for box in boxes)
    page.click("#reading .digit >> nth=3")
    assert label(page) == "9"
    assert page.get_attribute("#reading .digit >> nth=3", "aria-pressed") == "true"
    page.click("#tab-digit")
    assert page.is_hidden("#reading")
    page.click("#tab-number")
    assert label(page) == "9"  # what was read is still there


def ink(page):
    """How many pixels of the sheet have ink."""
    count = """canvas => {
      const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return data.filter((value, i) => i % 4 === 3 && value > 127).length }"""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return page.eval_on_selector("#digit canvas", count)


def pen_down(page, force):
    """A stroke from top to bottom by a pen that is pressed as hard as this, 0 to 1."""
    session = page.context.new_cdp_session(page)
    box = page.locator("#digit canvas").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + 0.2 * box["height"]
    common = {"pointerType": "pen", "button": "left", "force": force}
    session.send("Input.dispatchMouseEvent", {"type": "mousePressed", "x": x, "y": y, "clickCount": 1} | common)
    for step in range(12):
        session.send(
            "Input.dispatchMouseEvent", {"type": "mouseMoved", "x": x, "y": y + 25 * step, "buttons": 1} | common
        )
    session.send("Input.dispatchMouseEvent", {"type": "mouseReleased", "x": x, "y": y + 300} | common)


def test_a_pen_pressed_harder_writes_broader(open_page):
    page = open_page()
    widths = []
    for force in (0.1, 0.5, 0.9):
        pen_down(page, force)
        widths.append(ink(page))
        page.click("#digit .tools button:nth-child(2)")
    assert widths[0] < 0.85 * widths[1] < 0.85 * 0.85 * widths[2]


def test_a_finger_writes_and_a_second_one_does_not_disturb(open_page):
    page = open_page(has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844})
    session = page.context.new_cdp_session(page)
    box = page.locator("#digit canvas").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + 0.2 * box["height"]

    def touch(kind, *points):
        touches = [{"x": px, "y": py, "id": i} for i, (px, py) in enumerate(points)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    since = page.evaluate("performance.now()")
    touch("touchStart", (x, y))
    for step in range(1, 12):
        touch("touchMove", (x, y + 18 * step))
    touch("touchStart", (x, y + 200), (x + 90, y + 40))
    touch("touchMove", (x, y + 205), (x + 90, y + 90))
    touch("touchEnd")
    page.wait_for_function(ANSWERED, arg=since)
    assert label(page) == "1"
    assert page.evaluate("scrollY") == 0  # the finger wrote, and did not scroll
    page.click("#digit .tools button:first-child")
    assert page.inner_text("#one .verdict") == "Nothing written yet"  # one stroke was all


def test_by_keyboard_alone(open_page):
    page = open_page()
    key = page.keyboard
    key.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    while page.evaluate("document.activeElement.tagName") != "CANVAS":
        key.press("Tab")
    assert page.is_visible("#keys")
    for _ in range(8):
        key.press("ArrowUp")
    for _ in range(7):
        key.press("ArrowLeft")
    key.press("Space")
    for _ in range(13):
        key.press("ArrowRight")
    key.down("ArrowDown")
    for _ in range(8):
        key.press("ArrowLeft")
        key.press("ArrowDown")
    key.up("ArrowDown")
    since = page.evaluate("performance.now()")
    key.press("Space")
    page.wait_for_function(ANSWERED, arg=since)
    assert label(page) == "7"
    key.press("Escape")
    assert page.inner_text("#one .verdict") == "Nothing written yet"
    while page.evaluate("document.activeElement.role") != "tab":
        key.press("Shift+Tab")
    key.press("ArrowRight")
    assert page.is_visible("#number canvas")
    assert page.get_attribute("#tab-number", "aria-selected") == "true"
    key.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "CANVAS"
