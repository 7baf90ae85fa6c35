import numpy as np

from sonsu.learning.line_network import line_network


def test_an_answer_is_of_four_pixels_and_knows_of_eight_characters():
    network = line_network()
    image = np.random.default_rng(0).random((1, 40, 512, 1)).astype(np.float32)
    changed = image.copy()
    changed[:, :, :4] = 1 - changed[:, :, :4]
    before, after = (np.asarray(network(x, training=False))[0] for x in (image, changed))
    assert before.shape == (128, 12)
    touched = np.flatnonzero(np.abs(before - after).max(axis=1) > 0)
    assert 100 <= 4 * touched.max() < 200  # px: half of it to either side
