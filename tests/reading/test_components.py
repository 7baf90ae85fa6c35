"""`sonsu.reading.components` against SciPy's labels."""

import numpy as np
import pytest
from scipy import ndimage

from sonsu.reading.components import by_part, chosen, components


def dots(height: int, width: int) -> np.ndarray:
    """Every other px of every other row: as many parts as there can be."""
    mask = np.zeros((height, width), np.uint8)
    mask[::2, ::2] = 255
    return mask


def noise(height: int, width: int) -> np.ndarray:
    return (np.random.default_rng(0).random((height, width)) < 0.2) * np.uint8(255)


@pytest.mark.parametrize("mask", [noise(90, 160), noise(1, 40), noise(40, 1), dots(600, 640), dots(200, 240)])
def test_parts_are_those_of_scipy_however_many_there_are(mask: np.ndarray) -> None:
    labels, stats = components(mask)
    expected, count = ndimage.label(mask, np.ones((3, 3)))
    assert len(stats) == count + 1
    pairs = np.unique(np.stack([labels.ravel(), expected.ravel()]), axis=1)
    assert pairs.shape[1] == len(np.unique(expected)), "one label for each of SciPy's"
    assert stats[1:, 4].sum() == np.count_nonzero(mask)


def test_sums_by_part_and_masks_of_parts() -> None:
    mask = noise(90, 160)
    values = np.random.default_rng(1).integers(0, 256, mask.shape).astype(np.uint8)
    labels, stats = components(mask)
    of, found = by_part(labels, mask, values)
    numbers = np.arange(1, len(stats))
    np.testing.assert_array_equal(np.bincount(of, found)[1:], ndimage.sum_labels(values, labels, numbers))
    which = np.random.default_rng(2).random(len(stats)) < 0.5
    which[0] = True
    np.testing.assert_array_equal(chosen(labels, which) > 0, which[labels] & (labels > 0))
