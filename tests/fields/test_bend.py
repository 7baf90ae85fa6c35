import cv2
import numpy as np
import pytest

from sonsu.fields.bend import find_bend

HEIGHT_PX = 60


def comb():
    """The print of a comb of ten cells, uint8 (90, 480), ink = 255."""
    ink = np.zeros((90, 480), np.uint8)
    for cell in range(10):
        cv2.rectangle(ink, (20 + 44 * cell, 15), (64 + 44 * cell, 75), 200, 2)
    return ink


def line():
    ink = np.zeros((90, 480), np.uint8)
    cv2.line(ink, (20, 70), (460, 70), 200, 2)
    return ink


def bent(ink, right, down):
    """Each column's print moved by so many px."""
    y, x = np.mgrid[0:90, 0:480].astype(np.float32)
    return cv2.remap(ink, x - np.float32(right), y - down.astype(np.float32), cv2.INTER_LINEAR)


def written_over(ink):
    ink = ink.copy()
    for place in range(6):
        cv2.putText(ink, str(place + 2), (30 + 44 * place, 62), cv2.FONT_HERSHEY_SIMPLEX, 1.4, 220, 4)
    return ink


@pytest.mark.parametrize("shift", [(0, 0), (3.5, -2), (-9, 6)])
def test_shifted(shift):
    seen = written_over(bent(comb(), shift[0], np.full(480, shift[1])))
    assert np.abs(find_bend(comb(), seen, HEIGHT_PX) - shift).max() < 0.6


@pytest.mark.parametrize("printed", [comb(), line()], ids=["comb", "line"])
def test_bent(printed):
    down = 5 * np.sin(np.arange(480) / 480 * np.pi) - 2
    seen = written_over(bent(printed, 0, down))
    found = find_bend(printed, seen, HEIGHT_PX)
    assert np.abs(found[40:-40, 1] - down[40:-40]).max() < 1.6
    assert np.abs(found[:, 0]).max() < 1.5


def test_nothing_to_go_by():
    blank, written = np.zeros((90, 480), np.uint8), written_over(np.zeros((90, 480), np.uint8))
    assert (find_bend(blank, written, HEIGHT_PX) == 0).all()
    assert (find_bend(comb(), blank, HEIGHT_PX) == 0).all()
