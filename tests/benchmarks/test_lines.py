"""The lines benchmark's counting, and all of it on a few scenes of made-up digits."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("keras")
from sonsu.scenes.exposure import Shot
from sonsu.scenes.matching import match
from sonsu.scenes.sheet import TrueDigit, TrueLine

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def score(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    import lines_score

    return lines_score


@pytest.fixture
def found(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    from lines_roads import FoundLine

    return FoundLine


def true_line(text: str, x: int, y: int) -> TrueLine:
    """Digits of 10×20 px side by side."""
    return TrueLine(tuple(TrueDigit(int(char), (x + 10 * i, y, 10, 20)) for i, char in enumerate(text)))


@pytest.mark.parametrize(
    ("a", "b", "n"),
    [
        *(("", "", 0), ("123", "123", 0), ("123", "13", 1), ("12", "", 2)),
        *(("", "9", 1), ("123", "143", 1), ("1234", "2341", 2)),
    ],
)
def test_edits_count_the_fewest_changes(score, a, b, n):
    assert score.edits(a, b) == score.edits(b, a) == n


def test_each_true_line_gets_the_found_one_that_overlaps_most(score, found):
    truth = (true_line("123", 0, 0), true_line("45", 0, 40), true_line("6", 200, 200))
    below, above, far = found("45", (0, 38, 20, 22)), found("123", (0, 0, 30, 45)), found("7", (400, 0, 9, 9))
    assert match(truth, [below, above, far]) == [above, below, None]
    assert match(truth, []) == [None, None, None]
    # One line found where there are two is the one and not the other.
    both = found("12345", (0, 0, 30, 60))
    assert match(truth, [both]) == [both, None, None]


def test_score_counts_what_is_exact_invented_and_sure(score, found):
    shot = Shot(np.zeros((100, 100), np.uint8), (true_line("123", 0, 0), true_line("45", 0, 40), true_line("6", 0, 80)))
    lines = [
        found("123", (0, 0, 30, 20), 0.999),
        found("44", (0, 40, 20, 20), 0.995),
        found("8", (80, 80, 9, 9), 0.999),
    ]
    counted = score.Score()
    counted.add(shot, lines, match(shot.lines, lines), 0.01)
    assert (counted.lines, counted.exact, counted.invented) == (3, 1, 1)
    assert (counted.digits, counted.digit_errors) == (6, 2)  # 44 for 45, and the 6 that was missed
    assert (counted.sure, counted.sure_right, counted.covered) == (3, 1, 2)
    assert counted.in_order == 1
    assert counted.row("photo", "sonsu") == "| photo | sonsu | 3 | 33.3% | 66.7% | 1.00 | 100% | 33.3% | 67% | 10 |"
    swapped = score.Score()
    swapped.add(shot, lines[::-1], match(shot.lines, lines[::-1]), 0.01)
    assert swapped.in_order == 0


def test_benchmark_measures_keeps_scenes_and_saves_failures(monkeypatch, tmp_path, capsys):
    monkeypatch.syspath_prepend(BENCHMARKS)
    import lines

    call = [
        "lines.py",
        "--kind",
        "touching",
        "--n",
        "2",
        "--digits",
        "strokes:10",
        "--road",
        "usual",
        "--road",
        "sonsu",
    ]
    call += [
        "--scenes",
        str(tmp_path / "scenes"),
        "--save",
        str(tmp_path / "failures"),
        "--out",
        str(tmp_path / "page"),
    ]
    monkeypatch.setattr(sys, "argv", call)
    # A reader that finds nothing, so that the result does not change with the networks.
    monkeypatch.setattr(lines, "roads", lambda model: dict.fromkeys(("sonsu", "usual"), lambda pixels: []))
    lines.main()
    first = capsys.readouterr().out
    assert first.count("| touching |") == 2
    assert "| touching | sonsu | 2 | 0.0% | 0.0% | 0.00 |" in first
    (folder,) = (tmp_path / "scenes").glob("touching-seed1-n2*")
    kept = (folder / "truth.jsonl").read_text().splitlines()
    texts = [json.loads(line)["lines"][0]["text"] for line in kept]
    failures = [line.split("\t") for line in (tmp_path / "failures" / "failures.txt").read_text().splitlines()]
    assert [failure[1] for failure in failures] == texts
    assert {path.name for path in (tmp_path / "failures").glob("*.png")} == {"touching-0000.png", "touching-0001.png"}
    assert "| touching | usual |" in (tmp_path / "page.md").read_text()
    lines.main()
    assert capsys.readouterr().out.count("| touching |") == 2
