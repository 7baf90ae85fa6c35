"""What several tests share: MNIST where it lies on this machine, digits drawn in code, the default reader."""

import cv2
import numpy as np
import pytest

# Each digit's strokes in a box of 100×100, y downwards.
STROKES = {
    0: [[(50, 8), (30, 15), (20, 50), (30, 85), (50, 92), (70, 85), (80, 50), (70, 15), (50, 8)]],
    1: [[(50, 8), (50, 92)]],
    2: [[(22, 28), (32, 12), (55, 8), (74, 20), (72, 40), (50, 62), (20, 90), (80, 90)]],
    3: [[(24, 14), (50, 8), (74, 20), (68, 40), (44, 48), (70, 56), (78, 74), (56, 92), (22, 84)]],
    4: [[(60, 8), (20, 64), (84, 64)], [(62, 40), (62, 94)]],
    5: [[(76, 10), (32, 10), (28, 45), (55, 42), (76, 58), (72, 82), (48, 92), (22, 84)]],
    6: [[(68, 8), (40, 30), (24, 64), (34, 90), (60, 92), (74, 74), (62, 56), (38, 58), (25, 70)]],
    7: [[(20, 10), (80, 10), (56, 50), (44, 92)]],
    8: [[(50, 48), (28, 34), (30, 14), (50, 8), (70, 14), (72, 34), (50, 48), (26, 66), (28, 86), (50, 92), (72, 86),
         (74, 66), (50, 48)]],
    9: [[(74, 30), (56, 48), (32, 42), (28, 20), (50, 8), (72, 18), (74, 30), (70, 60), (60, 92)]],
}  # fmt: skip


@pytest.fixture(scope="session")
def draw_digit():
    """`draw_digit(label, height_px, thickness_px, size_px, at_px)`: uint8 (h, w), ink = 255 on 0, anti-aliased.

    `size_px` is width and height of the picture, `at_px` the left upper corner of the digit's box in it; by default
    the digit is in the middle of a square with a margin.
    """

    def draw(label, height_px=100, thickness_px=None, size_px=None, at_px=None):
        width, height = size_px or (round(1.6 * height_px),) * 2
        left, top = at_px or ((width - height_px) // 2, (height - height_px) // 2)
        ink = np.zeros((height, width), np.uint8)
        for stroke in STROKES[label]:
            points = np.rint((np.array(stroke) * height_px / 100 + (left, top)) * 16).astype(np.int32)
            cv2.polylines(ink, [points], False, 255, thickness_px or max(2, round(0.08 * height_px)), cv2.LINE_AA, 4)
        return ink

    return draw


@pytest.fixture(scope="session")
def reader():
    from sonsu import Reader

    return Reader()


@pytest.fixture(scope="session")
def mnist_train():
    """MNIST's training images, uint8 (60000, 28, 28), and labels, uint8 (60000,)."""
    pytest.importorskip("pooch", reason="MNIST is looked for with pooch: pip install 'sonsu[train]'")
    from sonsu.learning import mnist

    if not mnist.available():
        pytest.skip("MNIST is not on this machine: set SONSU_DATA to the folder that holds it")
    return mnist.load("train")
