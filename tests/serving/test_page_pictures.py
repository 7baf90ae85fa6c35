"""Pictures on the page: chosen, dropped, pasted; looked at closely, copied, corrected."""

import base64
import io
import json
import threading
import time

import numpy as np
import pytest
from pen_paths import draw, made_up
from PIL import Image
from serving_helpers import encoded, running

from sonsu.serving import read_routes, records
from sonsu.serving.problems import busy

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def sheet(draw_digit):
    """Two lines, "407" and "18", on a page 600×400, dark on white."""
    page = np.full((400, 600), 255, np.uint8)
    for top, text in ((60, "407"), (230, "18")):
        for place, digit in enumerate(text):
            left = 60 + 90 * place
            page[top : top + 100, left : left + 80] = 255 - draw_digit(int(digit), 80, size_px=(80, 100))
    return page


def file(name, data):
    return {
        "name": name,
        "mimeType": "application/octet-stream" if name.endswith("tiff") else "image/png",
        "buffer": data,
    }


def give(page, *files):
    page.click("#tab-picture")
    page.set_input_files("#file", list(files))
    page.wait_for_selector("#reading .digit")


def lines(page):
    return [text.replace("\n", "") for text in page.locator("#reading .digits").all_inner_texts()]


def test_a_picture_is_read_and_looked_at_closely(open_page, sheet):
    page = open_page()
    give(page, file("sheet.png", encoded(sheet)))
    assert lines(page) == ["407", "18"]
    assert page.inner_text("#reading .summary p").startswith("5 digits")
    picture = page.locator("#picture img").bounding_box()
    box = page.locator("#picture .box").nth(2).bounding_box()
    scale = picture["width"] / 600
    assert 240 < (box["x"] - picture["x"]) / scale < 300
    assert 60 < (box["y"] - picture["y"]) / scale < 110
    page.locator("#picture .box").nth(3).click()
    assert page.inner_text("#one .label") == "1"
    assert page.locator("#one figure").count() == 2
    ink = page.eval_on_selector(
        "#one figure canvas",
        "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.filter(v => v < 99).length",
    )
    assert ink > 100  # the crop shows the digit


def test_copies(open_page, sheet):
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    give(page, file("mine, today.png", encoded(sheet)))
    copied = []
    for name in ("text", "CSV", "JSON"):
        page.click(f".copies button:has-text('{name}')")
        page.wait_for_function("() => document.querySelector('.copies [role=status]').textContent === 'Copied'")
        copied.append(page.evaluate("navigator.clipboard.readText()"))
    assert copied[0] == "407\n18"
    head, first, _ = copied[1].split("\n")
    assert head == "source,line,text,confidence,unsure,x,y,width,height,error"
    assert first.startswith('"mine, today.png",1,407,0.')
    record = json.loads(copied[2])
    assert record["schema"] == "sonsu.page/1"
    assert "glyph_png" not in copied[2]


def test_dropped_and_pasted(open_page, sheet):
    page = open_page()
    send = """([kind, data]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([Uint8Array.from(atob(data), c => c.charCodeAt(0))], 'a.png', {type: 'image/png'}));
      const options = {bubbles: true, cancelable: true};
      document.body.dispatchEvent(kind === 'drop' ? new DragEvent(kind, {...options, dataTransfer: transfer})
        : new ClipboardEvent(kind, {...options, clipboardData: transfer})) }"""
    data = base64.b64encode(encoded(sheet)).decode()
    for kind in ("drop", "paste"):
        page.evaluate(send, [kind, data])
        page.wait_for_selector("#reading .digit")
        assert lines(page) == ["407", "18"]
        page.click("text=Another picture")
        assert page.is_visible("text=Drop a picture here, or paste one")


def test_pages_that_browsers_do_not_show(open_page, sheet):
    page = open_page()
    pages = [Image.fromarray(sheet), Image.fromarray(sheet[200:])]
    tiff = io.BytesIO()
    pages[0].save(tiff, "TIFF", save_all=True, append_images=pages[1:])
    give(page, file("scan.tiff", tiff.getvalue()), file("other.png", encoded(sheet[:200])))
    assert lines(page) == ["407", "18"]
    assert page.inner_text(".pager span") == "1 of 3 · scan.tiff#1"
    for expected, title in ((["18"], "2 of 3 · scan.tiff#2"), (["407"], "3 of 3 · other.png")):
        page.click(".pager button:last-child")
        assert lines(page) == expected
        assert page.inner_text(".pager span") == title
        page.wait_for_function("() => document.querySelector('#picture img').naturalWidth === 600")


def test_the_example(open_page):
    page = open_page()
    page.click("#tab-picture")
    page.click("#example")
    page.wait_for_selector("#reading .digit")
    assert lines(page) == ["611", "00", "851", "1", "9007"]


def test_what_is_no_picture(open_page):
    page = open_page()
    page.click("#tab-picture")
    page.set_input_files("#file", [file("note.png", b"just text")])
    page.wait_for_selector("#trouble:not([hidden])")
    assert page.inner_text("#trouble span") == "That is no picture that could be read."
    assert "note.png" in page.inner_text("#trouble small")


def test_corrections(open_page, tmp_path, sheet, reader):
    with running(workers=1, corrections=tmp_path) as url:
        page = open_page(url)
        draw(page, made_up(1)[2][1])
        page.click("#one .choices button:has-text('7')")
        page.wait_for_function("() => document.querySelector('.thanks').textContent.includes('Kept as a 7')")
        [drawn] = (tmp_path / "7").glob("*.png")
        assert reader.read_digit(drawn).label == 2
        give(page, file("sheet.png", encoded(sheet)))
        page.locator("#picture .box").nth(1).click()
        page.click("#one .choices button:has-text('none')")
        page.wait_for_function("() => document.querySelector('.thanks').textContent.includes('no digit')")
        [cut] = (tmp_path / "none").glob("*.png")
        assert reader.read_digit(cut).label == 0


def test_without_corrections_there_is_nothing_to_choose(open_page):
    page = open_page()
    draw(page, made_up(1)[2][1])
    assert page.locator("#one .choices").count() == 0


def test_a_server_that_is_busy_is_asked_again(open_page, monkeypatch):
    refusals = iter([busy("too many requests wait already")] * 2)

    def read(*given):
        for refusal in refusals:
            raise refusal
        return records.read(*given)

    with running(workers=1) as url:
        page = open_page(url)
        monkeypatch.setattr(read_routes, "read", read)
        draw_without_waiting(page)
        page.wait_for_selector("#trouble:not([hidden])")
        assert "too much to do" in page.inner_text("#trouble")
        page.wait_for_selector("#one .label:has-text('1')", timeout=10_000)
        assert page.is_hidden("#trouble")


def draw_without_waiting(page):
    box = page.locator("#digit canvas").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + 0.2 * box["height"]
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 300, steps=5)
    page.mouse.up()


def test_a_server_that_is_gone(open_page):
    with running(workers=1) as url:
        page = open_page(url)
    draw_without_waiting(page)
    page.wait_for_selector("#trouble:not([hidden])")
    assert page.inner_text("#trouble") == "The server does not answer."


def test_a_server_that_asks_for_its_key(chromium):
    with running(workers=1, api_key="open sesame") as url:
        page = chromium.new_page()
        page.goto(url)
        page.fill("#key", "open sesame")
        page.click("#trouble button")
        page.wait_for_function("() => document.getElementById('about').textContent")
        draw(page, made_up(1)[3][1])
        assert page.inner_text("#one .label") == "3"
        page.close()


def test_the_newest_answer_wins(open_page, monkeypatch):
    """The first question is answered last, and its answer is not shown."""
    first = threading.Event()
    asked = []

    def read(*given):
        asked.append(time.monotonic())
        if len(asked) == 1:
            first.wait(10)
        return records.read(*given)

    with running(workers=2) as url:
        page = open_page(url)
        monkeypatch.setattr(read_routes, "read", read)
        draw(page, made_up(1)[3][1])
        assert page.inner_text("#one .label") == "3"
        first.set()
        page.wait_for_timeout(300)
        assert page.inner_text("#one .label") == "3"
    assert len(asked) > 1
