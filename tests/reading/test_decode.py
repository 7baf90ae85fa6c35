"""`sonsu.reading.decode`: Pillow is kept quiet, and nobody else."""

import sys
import types
import warnings

import pytest

from sonsu.reading.decode import quiet


def test_filters_reset_by_someone_meanwhile():
    with warnings.catch_warnings(), quiet():
        warnings.resetwarnings()


@pytest.mark.parametrize("name", ["PIL.TiffImagePlugin", "elsewhere"])
@pytest.mark.parametrize("per_context", [True, False])
def test_only_pillow_is_kept_quiet(monkeypatch, name, per_context):
    monkeypatch.setattr(sys, "flags", types.SimpleNamespace(context_aware_warnings=per_context))
    speak = compile("warnings.warn('odd metadata')", "x", "exec")
    with quiet():
        if name == "elsewhere":
            with pytest.raises(UserWarning, match="odd metadata"):
                exec(speak, {"warnings": warnings, "__name__": name})
        else:
            exec(speak, {"warnings": warnings, "__name__": name})
