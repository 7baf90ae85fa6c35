import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import sparse, special

from sonsu.errors import DataError
from sonsu.learning.evaluate import coverage, evaluate, expected_calibration_error


def sure(answers, confidence=0.91, classes=10):
    """Probabilities float32 (n, classes) of those answers, the rest spread over the other classes."""
    rows = np.full((len(answers), classes), (1 - confidence) / (classes - 1), np.float32)
    rows[np.arange(len(answers)), answers] = confidence
    return rows


def random_answers(n, classes, seed=0):
    rng = np.random.default_rng(seed)
    probabilities = special.softmax(rng.normal(0, 3, (n, classes)), axis=1).astype(np.float32)
    labels = np.where(rng.random(n) < 0.7, probabilities.argmax(axis=1), rng.integers(0, classes, n))
    return probabilities, labels.astype(np.uint8)


def ece_by_bins(confidence, right):
    """Guo et al. 2017, equation 3, bin by bin."""
    edges = np.linspace(0, 1, 16)
    total = 0.0
    for low, high in pairwise(edges):
        inside = (confidence >= low) & ((confidence < high) | (high == 1.0))
        if inside.any():
            total += inside.sum() * abs(right[inside].mean() - confidence[inside].mean())
    return total / len(right)


def coverage_by_trying(confidence, right, accuracy):
    """Every threshold in turn."""
    shares = [(confidence >= t).mean() for t in confidence if right[confidence >= t].mean() >= accuracy - 1e-9]
    return max(shares, default=0.0)


def test_four_answers_by_hand():
    result = evaluate(sure([3, 3, 8, 0]), np.array([3, 5, 8, 0], np.uint8))
    assert (result.n, result.errors, result.accuracy) == (4, 1, 0.75)
    assert result.loss == pytest.approx(-(3 * np.log(0.91) + np.log(0.01)) / 4, rel=1e-5)
    assert result.ece == pytest.approx(0.91 - 0.75, abs=1e-6)
    assert result.coverage_at_99_9 == 0.0  # all four are as sure as the wrong one
    expected = np.zeros((10, 10), int)
    expected[3, 3] = expected[5, 3] = expected[8, 8] = expected[0, 0] = 1
    assert result.confusion == expected.tolist()


def test_confusion_has_an_eleventh_row_where_something_is_no_digit():
    result = evaluate(sure([1, 10, 2], classes=11), np.array([1, 2, 10], np.uint8))
    assert np.shape(result.confusion) == (11, 11)
    assert result.confusion[2][10] == result.confusion[10][2] == 1
    only_digits = evaluate(sure([1, 2], classes=11), np.array([1, 2], np.uint8))
    assert np.shape(only_digits.confusion) == (10, 10)


@pytest.mark.parametrize("classes", [10, 11])
def test_figures_agree_with_other_ways_to_compute_them(classes):
    probabilities, labels = random_answers(2000, classes)
    answers, n = probabilities.argmax(axis=1), len(labels)
    result = evaluate(probabilities, labels)
    counts = sparse.coo_array((np.ones(n), (labels, answers)), shape=(classes, classes)).toarray()
    np.testing.assert_array_equal(result.confusion, counts)
    assert result.errors == n - counts.trace() == round(n * (1 - result.accuracy))
    assert result.loss == pytest.approx(
        -np.mean([np.log(float(p[k])) for p, k in zip(probabilities, labels, strict=True)])
    )
    right, confidence = answers == labels, probabilities.max(axis=1).astype(np.float64)
    assert result.ece == pytest.approx(ece_by_bins(confidence, right), abs=1e-9)


def test_loss_of_an_impossible_answer_is_finite():
    rows = np.zeros((2, 10), np.float32)
    rows[:, 4] = 1
    result = evaluate(rows, np.array([4, 5], np.uint8))
    assert result.loss == pytest.approx(np.log(1e12) / 2)


def test_the_result_is_ready_for_json():
    plain = json.loads(json.dumps(evaluate(*random_answers(50, 10)).to_dict()))
    assert list(plain) == ["n", "accuracy", "errors", "loss", "ece", "coverage_at_99_9", "confusion"]
    assert sum(map(sum, plain["confusion"])) == plain["n"] == 50


@pytest.mark.parametrize(
    ("rows", "labels", "message"),
    [
        (3, [1, 2], "3 answers for 2 labels"),
        (0, [], "0 answers for 0 labels; expected as many, and at least one"),
        (2, [1, 10], "label 10 found, but the model knows only 10 classes"),
    ],
)
def test_answers_that_do_not_fit_the_labels_are_refused(rows, labels, message):
    with pytest.raises(DataError, match=message):
        evaluate(sure([0] * rows), np.array(labels, np.uint8))


def test_ece_by_hand():
    confidence = np.array([0.95, 0.95, 0.55, 0.55])  # two bins: 0.95 against 1/2, 0.55 against 1/2
    right = np.array([True, False, True, False])
    assert expected_calibration_error(confidence, right) == pytest.approx((2 * 0.45 + 2 * 0.05) / 4)


def test_ece_of_certainty():
    right = np.array([True, True, False, True])
    assert expected_calibration_error(np.ones(4), right) == pytest.approx(0.25)
    assert expected_calibration_error(np.ones(4), np.ones(4, bool)) == 0.0


@pytest.mark.parametrize(
    ("right", "accuracy", "share"),
    [
        ([1, 1, 0, 1], 1.0, 0.5),
        ([1, 1, 0, 1], 0.75, 1.0),
        ([1, 1, 0, 0], 0.75, 0.5),
        ([0, 1, 1, 1], 0.999, 0.0),
        ([0, 1, 1, 1], 0.75, 1.0),
        ([1, 1, 1, 1], 0.999, 1.0),
        ([0, 0, 0, 0], 0.5, 0.0),
    ],
)
def test_coverage_by_hand_whatever_the_order(right, accuracy, share):
    confidence = np.array([0.9, 0.8, 0.7, 0.6])
    shuffled = np.array([2, 0, 3, 1])
    assert coverage(confidence[shuffled], np.array(right, bool)[shuffled], accuracy) == share


def test_coverage_of_exactly_99_9_percent_counts():
    right = np.ones(2000, bool)
    right[[1500, 1999]] = False
    assert coverage(np.linspace(1, 0.5, 2000), right, 0.999) == 1.0
    right[0] = False
    assert coverage(np.linspace(1, 0.5, 2000), right, 0.999) == 0.75  # 1,500, the first of them wrong


@given(
    arrays.arrays(np.float64, st.shared(st.integers(1, 30), key="n"), elements=st.sampled_from(np.linspace(0, 1, 8))),
    arrays.arrays(bool, st.shared(st.integers(1, 30), key="n")),
    st.sampled_from([0.5, 0.9, 0.999, 1.0]),
)
def test_coverage_and_ece_agree_with_trying_it_out(confidence, right, accuracy):
    assert coverage(confidence, right, accuracy) == pytest.approx(coverage_by_trying(confidence, right, accuracy))
    assert 0.0 <= expected_calibration_error(confidence, right) <= 1.0
