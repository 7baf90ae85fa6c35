"""The claim of docs/scaling.md in small: which examples the loss goes on teaching, on the backend at hand."""

from pathlib import Path

import numpy as np
import pytest

keras = pytest.importorskip("keras")
BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture
def benchmark(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    import post_as_written

    return post_as_written


FAR_OFF = np.array([[200.0, 0.0, 0.0]], np.float32)  # sure of the first class
NEAR = np.array([[2.0, 0.0, 0.0]], np.float32)
SECOND = np.array([[0.0, 1.0, 0.0]])


@pytest.mark.parametrize("variant", ["raw", "logits", "detached"])
def test_gradient_of_a_near_miss_is_p_minus_y_in_every_variant(benchmark, variant):
    p = np.exp(NEAR) / np.exp(NEAR).sum()
    np.testing.assert_allclose(benchmark.gradient(variant, NEAR, SECOND), p - SECOND, atol=1e-5)


def test_gradient_of_a_far_miss_is_lost_where_the_loss_sees_no_logits(benchmark):
    full, none = np.array([[1.0, -1.0, 0.0]]), np.zeros((1, 3))
    finds_logits = keras.backend.backend() == "tensorflow"
    np.testing.assert_allclose(benchmark.gradient("logits", FAR_OFF, SECOND), full, atol=1e-5)
    np.testing.assert_array_equal(benchmark.gradient("detached", FAR_OFF, SECOND), none)
    np.testing.assert_allclose(benchmark.gradient("raw", FAR_OFF, SECOND), full if finds_logits else none, atol=1e-5)


def test_table_gives_mean_and_spread_over_seeds(benchmark):
    runs = [
        {"backend": "jax", "variant": "raw", "test_accuracy": accuracy, "seconds": 10.0, "loss": [1.0],
         "digits_ever_answered": 4, "probe": [{"silent": 0.5}]}
        for accuracy in (0.4, 0.5)
    ]  # fmt: skip
    assert benchmark.table(runs).splitlines()[2:] == ["| JAX | raw | 2 | 45.00 ± 7.07 | 4, 4 | 50.0 ± 0.0 | 10 ± 0 |"]
