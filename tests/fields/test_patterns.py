import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sonsu.fields.patterns import choices, compile_pattern, likeliest
from sonsu.reading.page import Digit


def digit(label, **probabilities):
    """`digit(3, p3=0.7, p8=0.2)`."""
    values = tuple(probabilities.get(f"p{d}", 0.0) for d in range(10))
    return Digit(label, max(values), "read", (0, 0, 1, 1), values)


@pytest.mark.parametrize(
    "pattern", [r"\d{4}", r"(19|20)\d\d", "[1-9][0-9]*", "[^0]7?", r"\d{1,3}|0+", r"\d{,3}", r"\d{,}"]
)
def test_patterns(pattern):
    compile_pattern(pattern)


@pytest.mark.parametrize("pattern", [r"\w+", "a", ".", r"\d{4}$", "(?:1)", "(?=1)", r"(1)\1", "1 2", r"\d\n", "٣"])
def test_what_is_no_pattern_of_digits(pattern):
    with pytest.raises(ValueError, match=r"made of digits|not a regular expression"):
        compile_pattern(pattern)


@pytest.mark.parametrize("pattern", ["(", "[1", "*", "1**", r"\d{9999999999}", "(" * 2000 + ")" * 2000, "[9-0]"])
def test_what_is_no_regular_expression(pattern):
    with pytest.raises(ValueError, match="not a regular expression"):
        compile_pattern(pattern)


def test_choices():
    assert choices(digit(3, p3=0.7, p8=0.2)) == [("3", 0.7), ("8", 0.2), ("", pytest.approx(0.1))]
    assert choices(digit(None, p3=0.1)) == [("", pytest.approx(0.9)), ("3", 0.1)]
    assert choices(digit(8, p3=0.5, p8=0.5))[0] == ("8", 0.5), "what was read comes first"


def test_the_nearest_that_fits():
    marks = [choices(d) for d in (digit(4, p4=0.9, p9=0.1), digit(7, p7=0.6, p1=0.4), digit(2, p2=1.0))]
    assert likeliest(marks, lambda text: text == "412")[0] == ["4", "1", "2"]
    assert likeliest(marks, lambda text: text == "412")[1] == pytest.approx(0.36)
    assert likeliest(marks, lambda text: int(text) % 2 == 0)[0] == ["4", "7", "2"]
    assert likeliest(marks, lambda text: text == "413") is None
    stray = [choices(d) for d in (digit(4, p4=0.99), digit(1, p1=0.6), digit(2, p2=0.99))]
    assert likeliest(stray, lambda text: len(text) == 2)[0] == ["4", "", "2"], "a mark may be left out"


def test_what_is_far_from_what_was_read_is_no_alternative():
    marks = [choices(digit(4, p4=0.9995, p9=0.0005))]
    assert likeliest(marks, lambda text: text == "9") is None


@settings(deadline=None)
@given(
    st.lists(st.lists(st.floats(0.001, 1), min_size=2, max_size=4), min_size=1, max_size=4),
    st.sampled_from([r"\d", "[0-2]*1", "2+", "3?0*", r"1\d|\d1"]),
)
def test_against_all_there_are(weights, pattern):
    """The oracle looks at every combination."""
    marks = []
    for values in weights:
        total = sum(values)
        marks.append(sorted(((str(d), v / total) for d, v in enumerate(values)), key=lambda c: -c[1]))
    fits = compile_pattern(pattern).fullmatch
    every = [("".join(c[0] for c in combination), math.prod(c[1] for c in combination))
             for combination in itertools.product(*marks)]  # fmt: skip
    best = max((p for text, p in every if fits(text)), default=0.0)
    most = max(p for _, p in every)
    found = likeliest(marks, lambda text: fits(text) is not None)
    if found is None:
        assert best <= most * 1.001e-3
    else:
        assert found[1] == pytest.approx(best)
        assert fits("".join(found[0]))
