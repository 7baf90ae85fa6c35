import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonsu.fields.checksums import CHECKSUMS

# Each with where it was published.
RIGHT = {
    "luhn": ["79927398713", "4111111111111111"],  # the usual example; the card industry's test number
    "ean13": ["9780306406157", "4006381333931"],  # Wikipedia: ISBN, International Article Number
    "isbn10": ["0306406152"],  # Wikipedia: ISBN
    "mod97": ["3214282912345698765432161182"],  # Wikipedia: IBAN, its example as digits
    "brn-kr": ["1168200276", "1348672683"],  # python-stdnum's and dataprep's documentation
    "rrn-kr": ["9710139019902"],  # python-stdnum's documentation
}
LENGTHS = {"luhn": 12, "ean13": 13, "isbn10": 10, "mod97": 14, "brn-kr": 10, "rrn-kr": 13}
# The others let some wrong digits pass: rrn-kr, for one, writes a remainder of 10 as 0 and of 11 as 1.
SURE_OF_ONE = ("luhn", "ean13", "isbn10", "mod97")


def test_each_has_an_example():
    assert set(RIGHT) == set(CHECKSUMS) == set(LENGTHS)


@pytest.mark.parametrize("name", RIGHT)
def test_published_examples(name):
    for number in RIGHT[name]:
        assert CHECKSUMS[name](number)
        assert not CHECKSUMS[name](number[:-1] + str((int(number[-1]) + 1) % 10))


@pytest.mark.parametrize("name", CHECKSUMS)
@given(digits=st.text("0123456789", max_size=30))
def test_any_text_of_digits_has_an_answer(name, digits):
    assert CHECKSUMS[name](digits) in (True, False)
    if name != "luhn" and name != "mod97" and len(digits) != LENGTHS[name]:
        assert not CHECKSUMS[name](digits)


@pytest.mark.parametrize("name", SURE_OF_ONE)
@given(data=st.data())
def test_one_wrong_digit_is_always_found(name, data):
    start = data.draw(st.text("0123456789", min_size=LENGTHS[name] - 2, max_size=LENGTHS[name] - 2))
    right = [start + f"{end:02}" for end in range(100) if CHECKSUMS[name](start + f"{end:02}")]
    number = data.draw(st.sampled_from(right))
    place = data.draw(st.integers(0, len(number) - 1))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != number[place]]))
    assert not CHECKSUMS[name](number[:place] + other + number[place + 1 :])


@given(data=st.data())
def test_luhn_finds_neighbours_that_changed_places_but_for_0_and_9(data):
    start = data.draw(st.text("0123456789", min_size=11, max_size=11))
    number = next(start + end for end in "0123456789" if CHECKSUMS["luhn"](start + end))
    place = data.draw(st.integers(0, 10))
    a, b = number[place : place + 2]
    changed = number[:place] + b + a + number[place + 2 :]
    assert CHECKSUMS["luhn"](changed) == (a == b or {a, b} == {"0", "9"})
