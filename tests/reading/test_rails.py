"""`sonsu.reading.rails`: straight pieces that go on from each other."""

import numpy as np

from sonsu.reading import rails
from sonsu.reading.rails import Rails, joined


def dashes(count, length=20.0):
    """Level pieces one after another, 5 px apart, and that which is none."""
    left = np.append(0.0, np.arange(count) * (length + 5))
    right = left + np.append(0.0, np.full(count, length))
    same = np.ones(count + 1)
    return Rails(left, right, 50 * same, 0 * same, same, 200 * same)


def test_pieces_that_go_on_from_each_other_are_one_line():
    assert joined(dashes(4), 20).tolist() == [0, 1, 1, 1, 1]


def test_of_very_many_only_the_longest_are_joined(monkeypatch):
    monkeypatch.setattr(rails, "MOST", 5)
    few = dashes(8)
    few.right[[2, 7]] = few.left[[2, 7]] + 2
    number = joined(few, 60)
    assert number[[2, 7]].tolist() == [2, 7]
    assert len(set(number[1:].tolist())) < 8
