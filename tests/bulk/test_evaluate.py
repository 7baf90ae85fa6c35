"""`sonsu.bulk.evaluate` and `labels`: what was read against what is written."""

from functools import cache

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonsu.bulk.evaluate import NOTHING, aligned, evaluate
from sonsu.bulk.inputs import items
from sonsu.bulk.labels import labels
from sonsu.bulk.plan import Plan, write_plan
from sonsu.bulk.store import Store
from sonsu.errors import UsageError

digits = st.lists(st.integers(0, 3), max_size=6)


@given(digits, digits)
def test_aligned_with_the_fewest_errors(truth, answer):
    @cache
    def distance(i, j):  # by definition
        if i == 0 or j == 0:
            return i + j
        swap = distance(i - 1, j - 1) + (truth[i - 1] != answer[j - 1])
        return min(swap, distance(i - 1, j) + 1, distance(i, j - 1) + 1)

    pairs = aligned(truth, answer)
    assert [true for true, _ in pairs if true != NOTHING] == truth
    assert [said for _, said in pairs if said != NOTHING] == answer
    assert sum(true != said for true, said in pairs) == distance(len(truth), len(answer))


def digit(source, label, confidence, status="read", error=None):
    return {"source": source, "label": label, "confidence": confidence, "status": status, "error": error}


def test_single_digits():
    records = [
        digit("a", 7, 0.99), digit("b", 1, 0.9), digit("c", None, 0.4, "unsure"), digit("d", 5, 0.6, "unsure"),
        digit("e", None, None, None, "damaged"), digit("f", 3, 0.99),
    ]  # fmt: skip
    told = evaluate(records, {"a": "7", "b": "7", "c": "2", "d": "5", "e": "8"}.get)
    confusion = told.pop("confusion")
    assert told == {
        "n": 5, "unlabelled": 1, "accuracy": 0.4, "errors": 3, "coverage": 0.4, "accuracy_covered": 0.5,
        "coverage_at_99_9": 0.2,
    }  # fmt: skip
    found = {(t, a): n for t, row in enumerate(confusion) for a, n in enumerate(row) if n}
    assert found == {(7, 7): 1, (7, 1): 1, (2, NOTHING): 1, (5, 5): 1, (8, NOTHING): 1}
    with pytest.raises(UsageError, match="none of 6 pictures has a label"):
        evaluate(records, {}.get)


def test_pages():
    sure, unsure = {"status": "read"}, {"status": "unsure"}
    lines = [{"confidence": 0.9, "digits": [sure, sure]}, {"confidence": 0.7, "digits": [sure, unsure]}]
    records = [
        {"source": "a", "text": "40\n12", "lines": lines, "error": None},
        {"source": "b", "text": "40", "lines": lines[:1], "error": None},
        {"source": "c", "text": "", "lines": [], "error": None},
    ]
    told = evaluate(records, {"a": "40\n12", "b": "410", "c": ""}.get)
    assert (told["accuracy"], told["coverage"], told["accuracy_covered"]) == (2 / 3, 2 / 3, 0.5)
    assert told["confusion"][1] == [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1]


@pytest.fixture
def plan(tmp_path):
    """The plan of a Parquet file with a column of labels."""
    columns = {"image": [b"1", b"2", b"3"], "digit": [7, None, 4], "gaps": [7.0, float("nan"), 4.0]}
    pq.write_table(pa.table(columns), tmp_path / "lot.parquet", row_group_size=2)
    store = Store(str(tmp_path / "out"))
    write_plan(store, items(str(tmp_path / "lot.parquet")), {"input": "lot"})
    return Plan(store)


def test_labels_of_a_column(plan, tmp_path):
    name = str(tmp_path / "lot.parquet")
    for column in ("digit", "gaps"):  # pandas writes whole numbers with gaps as floats
        with labels(f"column:{column}", plan) as truth:
            assert [truth(f"{name}/{row}") for row in range(4)] == ["7", None, "4", None]
    with pytest.raises(UsageError, match="column 'image' is of binary; labels are"), labels("column:image", plan):
        pass
    with pytest.raises(UsageError, match=r"has no column 'x'\. It has image, digit, gaps"), labels("column:x", plan):
        pass


def test_labels_behind_a_url_that_nothing_opens(plan):
    with pytest.raises(UsageError, match="cannot read labels from"):
        labels("foo://x/y.csv", plan).__enter__()


def test_lines_of_labels_that_end_early(plan, tmp_path):
    file = tmp_path / "labels.csv"
    file.write_text("source,label\na.png\nb.png,7\n")
    with labels(str(file), plan) as truth:
        assert [truth(name) for name in ("a.png", "b.png")] == [None, "7"]
    file.write_text("label,source\n3,a.png\n7\n")
    with pytest.raises(UsageError, match="line 3 has no source"):
        labels(str(file), plan).__enter__()


def test_labels_of_folders_and_files(plan, tmp_path):
    with labels("folder", plan) as truth:
        assert [truth("lot/7/a.png"), truth("7/a.png"), truth("a.png")] == ["7", "7", None]
    (tmp_path / "labels.csv").write_text('source,label\na.png,7\nb.png,"40\n12"\n')
    with labels(str(tmp_path / "labels.csv"), plan) as truth:
        assert [truth("a.png"), truth("b.png"), truth("c.png")] == ["7", "40\n12", None]
    (tmp_path / "labels.csv").write_text("name,label\na.png,7\n")
    with pytest.raises(UsageError, match="has the columns name, label; expected source and label"):
        labels(str(tmp_path / "labels.csv"), plan).__enter__()
    with pytest.raises(UsageError, match="cannot read labels"):
        labels(str(tmp_path / "none.csv"), plan).__enter__()
