"""`sonsu.learning.progress`: what is said of a training."""

import pytest
from rich.console import Console

from sonsu.learning import progress
from sonsu.learning.progress import TrainingProgress


@pytest.mark.parametrize(
    ("logs", "said"), [({"accuracy": 0.5}, "loss 1.5000  accuracy 50.00%"), ({"accuracy": float("nan")}, "loss 1.5000")]
)
@pytest.mark.parametrize("terminal", [False, True])
def test_lines_have_no_accuracy_while_they_are_trained_on(logs, said, terminal, monkeypatch, capsys):
    monkeypatch.setattr(progress, "Console", lambda **_: Console(stderr=True, force_terminal=terminal))
    shown = TrainingProgress(4)
    shown.set_params({"steps": 20})
    shown.on_train_begin()
    shown.on_epoch_begin(0)
    shown.on_train_batch_end(9, {"loss": 1.5} | ({} if "nan" in str(logs) else logs))
    shown.on_epoch_end(0, {"loss": 1.5, "val_accuracy": 0.75} | logs)
    assert f"epoch 1/4  {said}  validation 75.00%" in capsys.readouterr().err
