import inspect

import keras
import numpy as np
import pytest

from sonsu.errors import UsageError
from sonsu.learning import recipes, schedules


def rate(optimizer, step):
    """The learning rate at a step of the schedule."""
    return float(keras.ops.convert_to_numpy(optimizer._learning_rate(step)))


@pytest.mark.parametrize("name", recipes.RECIPES)
def test_every_recipe_is_found_and_complete(name):
    recipe = recipes.find(name)
    model = recipe.network()
    assert recipe.name == name and recipe.summary
    assert model.input_shape == (None, 28, 28, 1)
    assert model.output_shape == (None, 11 if recipe.outliers else 10)
    assert model.layers[-1].activation is keras.activations.softmax
    assert isinstance(recipe.optimizer(100), keras.optimizers.Optimizer)
    assert recipe.network() is not model


def test_an_unknown_recipe_is_a_usage_error_that_lists_them():
    with pytest.raises(UsageError, match=f"no recipe is called 'cnn'. There are: {', '.join(recipes.RECIPES)}"):
        recipes.find("cnn")


def test_a_recipe_file_sets_a_recipes_parameters(tmp_path):
    path = tmp_path / "best.json"
    path.write_text('{"recipe": "mlp", "parameters": {"units": 32, "rate": 0.002}}')
    recipe = recipes.find(str(path))
    assert recipe.name == "mlp" and recipe.network().count_params() == 784 * 32 + 32 + 32 * 10 + 10
    assert rate(recipe.optimizer(100), 0) == pytest.approx(0.002)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "not a recipe file"),
        ("{", "not a recipe file"),
        ("[]", "not a recipe file"),
        ('{"recipe": "mlp"}', "not a recipe file"),
        ('{"recipe": "cnn", "parameters": {}}', "no recipe is called 'cnn'"),
        ('{"recipe": ["mlp"], "parameters": {}}', "no recipe is called"),
        ('{"recipe": "mlp", "parameters": {"units": "many"}}', "units: expected a number from 0 on, received 'many'"),
        ('{"recipe": "mlp", "parameters": {"rate": -1}}', "rate: expected a number from 0 on, received -1"),
        ('{"recipe": "best", "parameters": {"dropout": 1.5}}', "dropout: expected a share below 1, received 1.5"),
        ('{"recipe": "mlp", "parameters": {"batch_size": 0}}', "batch_size: expected a whole number from 1 on"),
        ('{"recipe": "mlp", "parameters": {"depth": 3}}', "mlp has no depth. It has: rate, units, batch_size"),
    ],
)
def test_a_bad_recipe_file_is_a_usage_error(tmp_path, text, said):
    path = tmp_path / "mine.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(UsageError, match=f"mine.json: {said}"):
        recipes.find(str(path))


@pytest.mark.parametrize("name", recipes.SPACES)
def test_a_space_names_parameters_of_its_recipe_and_holds_their_defaults(name):
    parameters = inspect.signature(recipes.RECIPES[name]).parameters
    for key, span in recipes.SPACES[name].items():
        assert span.low <= parameters[key].default <= span.high, key
        assert isinstance(span.low, int) == isinstance(parameters[key].default, int), key


def test_mlp_is_the_posts_recipe():
    recipe = recipes.mlp()
    hidden, head = [layer for layer in recipe.network().layers if isinstance(layer, keras.layers.Dense)]
    assert (hidden.units, hidden.activation) == (512, keras.activations.relu)
    assert (head.units, head.activation) == (10, keras.activations.softmax)
    assert recipe.network().count_params() == 784 * 512 + 512 + 512 * 10 + 10
    assert (recipe.epochs, recipe.batch_size) == (10, 128)
    assert recipe.augmentation is None and recipe.outliers == recipe.label_smoothing == 0.0


def test_adams_rate_falls_in_a_line_to_nothing():
    optimizer = schedules.falling_adam(200)
    assert type(optimizer) is keras.optimizers.Adam
    rates = [rate(optimizer, step) for step in (0, 50, 100, 200, 300)]
    np.testing.assert_allclose(rates, [4e-3, 3e-3, 2e-3, 0, 0], rtol=1e-6, atol=1e-9)


def test_one_cycle_rises_for_a_tenth_and_falls_to_nothing():
    rates = [rate(schedules.one_cycle_adamw(1000), step) for step in range(0, 1001, 50)]
    assert max(rates) == rates[2] == pytest.approx(4e-3)
    assert rates[0] == pytest.approx(1e-4) and rates[-1] == pytest.approx(0, abs=1e-9)
    assert rates[2:] == sorted(rates[2:], reverse=True)


def test_one_cycle_of_a_single_step_is_possible():
    assert rate(schedules.one_cycle_adamw(1), 0) == pytest.approx(1e-4)


def test_two_cycles_are_one_cycle_and_a_smaller_fall():
    steps, first = 1100, 900
    optimizer = schedules.two_cycles_adamw(steps)
    np.testing.assert_allclose(
        [rate(optimizer, step) for step in range(0, first, 50)],
        [rate(schedules.one_cycle_adamw(first), step) for step in range(0, first, 50)],
        rtol=1e-6,
    )
    np.testing.assert_allclose([rate(optimizer, step) for step in (900, 1000, 1100)], [1e-3, 5e-4, 0], atol=1e-9)


def test_one_cycle_is_the_cosine_of_keras():
    oracle = keras.optimizers.schedules.CosineDecay(1e-4, 180, alpha=0.0, warmup_target=4e-3, warmup_steps=20)
    steps = (0, 1, 19, 20, 21, 100, 199, 200, 5000)
    expected = [float(oracle(step)) for step in steps]
    np.testing.assert_allclose([float(schedules.OneCycle(200, 4e-3)(step)) for step in steps], expected, atol=1e-9)


@pytest.mark.parametrize("schedule", [schedules.OneCycle(1000, 2e-2), schedules.TwoCycles(1100, 900)])
def test_the_schedule_of_a_checkpoint_is_the_one_that_was_saved(schedule):
    again = keras.optimizers.schedules.deserialize(keras.optimizers.schedules.serialize(schedule))
    assert [float(again(step)) for step in (5, 400, 950)] == [float(schedule(step)) for step in (5, 400, 950)]
