"""How well a lot was read, where it is known what is written: accuracy, coverage, confusion."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from sonsu.bulk.labels import Truth
from sonsu.bulk.rows import Record
from sonsu.errors import UsageError
from sonsu.learning.evaluate import coverage

NOTHING = 10
"""In the confusion: a digit that was not read, in the last column; one where there is none, in the last row."""


def evaluate(records: Iterable[Record], truth: Truth) -> dict[str, Any]:
    """Compare what was read with what is written.

    Args:
        records: "sonsu.page/1" or "sonsu.digit/1"; of a page the labels' line breaks count.
        truth: the label of each; records without one are left out.

    Returns:
        "n" pictures with a label and "unlabelled" ones; "accuracy", the share read exactly, and "errors"; "coverage",
        the share in which no digit is unsure, and "accuracy_covered" of those; "coverage_at_99_9" as in `sonsu
        evaluate`; "confusion", counts of digits (11, 11), row = truth, column = answer, aligned with the fewest
        errors. Pictures that could not be read count as wrong.

    Raises:
        UsageError: there is no label for any of them.
    """
    confusion = np.zeros((NOTHING + 1, NOTHING + 1), np.int64)
    right, sure, confidence = array("b"), array("b"), array("d")
    unlabelled = 0
    for record in records:
        written = truth(record["source"])
        if written is None:
            unlabelled += 1
            continue
        text, certain, likely = _said(record)
        right.append(record["error"] is None and text == written)
        sure.append(certain)
        confidence.append(likely)
        for true, answer in aligned(_digits(written), _digits(text)):
            confusion[true, answer] += 1
    exact, covered = np.array(right, bool), np.array(sure, bool)
    if exact.size == 0:
        raise UsageError(f"none of {unlabelled} pictures has a label. Sources must be written as in the rows.")
    return {
        "n": int(exact.size),
        "unlabelled": unlabelled,
        "accuracy": float(exact.mean()),
        "errors": int((~exact).sum()),
        "coverage": float(covered.mean()),
        "accuracy_covered": float(exact[covered].mean()) if covered.any() else None,
        "coverage_at_99_9": coverage(np.array(confidence), exact, 0.999),
        "confusion": confusion.tolist(),
    }


def _said(record: Record) -> tuple[str, bool, float]:
    """What a record says is written, whether no digit of it is unsure, and how likely all of it is right."""
    if record["error"] is not None:
        return "", False, 0.0
    if "lines" not in record:
        text = "" if record["label"] is None else str(record["label"])
        return text, record["status"] == "read", record["confidence"]
    certain = all(digit["status"] == "read" for line in record["lines"] for digit in line["digits"])
    return record["text"], certain, min((line["confidence"] for line in record["lines"]), default=1.0)


def _digits(text: str) -> list[int]:
    return [int(char) for char in text if char in "0123456789"]


def aligned(truth: Sequence[int], answer: Sequence[int]) -> list[tuple[int, int]]:
    """Digits side by side with the fewest errors (Levenshtein 1966), `NOTHING` where one side has none.

    Example:
        >>> aligned([4, 0, 1, 9], [4, 1, 8])
        [(4, 4), (0, 10), (1, 1), (9, 8)]
    """
    if truth == answer:
        return list(zip(truth, answer, strict=True))
    costs = np.zeros((len(truth) + 1, len(answer) + 1), int)  # of what is left, from each pair of places on
    costs[:, -1], costs[-1, :] = range(len(truth), -1, -1), range(len(answer), -1, -1)
    for i in reversed(range(len(truth))):
        for j in reversed(range(len(answer))):
            swap = costs[i + 1, j + 1] + (truth[i] != answer[j])
            costs[i, j] = min(swap, costs[i + 1, j] + 1, costs[i, j + 1] + 1)
    pairs, i, j = [], 0, 0
    while i < len(truth) or j < len(answer):
        both = i < len(truth) and j < len(answer)
        if both and costs[i, j] == costs[i + 1, j + 1] + (truth[i] != answer[j]):
            pairs.append((truth[i], answer[j]))
            i, j = i + 1, j + 1
        elif i < len(truth) and costs[i, j] == costs[i + 1, j] + 1:
            pairs.append((truth[i], NOTHING))
            i += 1
        else:
            pairs.append((NOTHING, answer[j]))
            j += 1
    return pairs
