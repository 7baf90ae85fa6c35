"""`sonsu.reading.parts`: which connected parts of a mask may be handwriting."""

import numpy as np

from sonsu.reading.parts import find_parts, remnants


def test_what_lies_on_rules_alone_is_what_was_left_of_them():
    rules, mask = np.zeros((120, 300), np.uint8), np.zeros((120, 300), np.uint8)
    rules[100:106] = 200
    mask[100:106, 20:80] = 255  # a piece of the rule
    mask[40:106, 150:156] = 255  # a stroke that stands on it
    parts = find_parts(mask, mask, np.zeros_like(mask), 6.0)
    gone = remnants(parts, mask, rules)
    assert {int(parts.boxes[i, 0]): bool(gone[i]) for i in range(len(gone))} == {20: True, 150: False}
