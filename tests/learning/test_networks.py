import keras
import numpy as np
import pytest

from sonsu.learning import networks

IMAGES = np.random.default_rng(0).random((6, 28, 28, 1), np.float32)


def test_nano_has_fewer_than_ten_thousand_parameters_of_any_kind():
    assert networks.nano().count_params() < 10_000


@pytest.mark.parametrize(
    ("network", "expected"),
    [
        (networks.dense, 784 * 512 + 512 * 10),
        (networks.nano, 784 * 72 + 196 * (1152 + 2304) + 49 * (2304 + 3456) + 240),
    ],
)
def test_multiply_adds_are_those_of_the_kernels(network, expected):
    assert networks.multiply_adds(network()) == expected


def test_the_average_answers_with_the_mean_and_costs_the_sum():
    models = [networks.dense(units=8) for _ in range(3)]
    mean = networks.average(models)
    expected = np.mean([model.predict(IMAGES, verbose=0) for model in models], axis=0)
    np.testing.assert_allclose(mean.predict(IMAGES, verbose=0), expected, atol=1e-6)
    assert networks.multiply_adds(mean) == 3 * networks.multiply_adds(models[0])


def test_the_average_keeps_its_own_weights(tmp_path):
    model = networks.dense(units=8)
    mean = networks.average([model, model])
    before = mean.predict(IMAGES, verbose=0)
    model.set_weights([0 * array for array in model.get_weights()])
    mean.save(tmp_path / "mean.keras")
    again = keras.saving.load_model(tmp_path / "mean.keras").predict(IMAGES, verbose=0)
    np.testing.assert_allclose(again, before, atol=1e-6)
