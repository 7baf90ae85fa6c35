"""Check digits: sums that tell a wrong digit or two that changed places, by the names a form gives them.

Each takes the whole number as text, its check digits last, and says whether they fit; those of a number that is too
long or too short never do.
"""

from collections.abc import Callable, Sequence


def luhn(text: str) -> bool:
    """Payment cards, many account numbers: ISO/IEC 7812-1, annex B.

    >>> luhn("79927398713"), luhn("79927398731")
    (True, False)
    """
    doubled = (2 * int(digit) for digit in text[-2::-2])
    return len(text) > 1 and (sum(map(int, text[::-2])) + sum(two // 10 + two % 10 for two in doubled)) % 10 == 0


def ean13(text: str) -> bool:
    """Goods, and books since 2007 (ISBN-13): GS1 General Specifications, section 7.9.

    >>> ean13("9780306406157")
    True
    """
    return len(text) == 13 and _weighted(text, (1, 3) * 6 + (1,)) % 10 == 0


def isbn10(text: str) -> bool:
    """Books until 2007: ISO 2108:1992. Those with the check character X are not digits alone, so none of them fits.

    >>> isbn10("0306406152")
    True
    """
    return len(text) == 10 and _weighted(text, range(10, 0, -1)) % 11 == 0


def mod97(text: str) -> bool:
    """Two check digits, as in many payment references: ISO/IEC 7064, MOD 97-10.

    >>> mod97("3214282912345698765432161182")
    True
    """
    return len(text) > 2 and int(text) % 97 == 1


def brn_kr(text: str) -> bool:
    """Korean business registration numbers (사업자등록번호); the sum as in python-stdnum's `stdnum.kr.brn`.

    >>> brn_kr("1168200276")
    True
    """
    if len(text) != 10:
        return False
    return (_weighted(text, (1, 3, 7, 1, 3, 7, 1, 3, 5, 1)) + 5 * int(text[8]) // 10) % 10 == 0


def rrn_kr(text: str) -> bool:
    """Korean resident registration numbers (주민등록번호); the sum as in python-stdnum's `stdnum.kr.rrn`.

    Those given out since October 2020 end in digits left to chance, and nine in ten of them do not fit.

    >>> rrn_kr("9710139019902")
    True
    """
    if len(text) != 13:
        return False
    return (11 - _weighted(text[:12], (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)) % 11) % 10 == int(text[12])


CHECKSUMS: dict[str, Callable[[str], bool]] = {
    "luhn": luhn,
    "ean13": ean13,
    "isbn10": isbn10,
    "mod97": mod97,
    "brn-kr": brn_kr,
    "rrn-kr": rrn_kr,
}
"""What a form may ask for, by name."""


def _weighted(text: str, weights: Sequence[int]) -> int:
    return sum(weight * int(digit) for weight, digit in zip(weights, text, strict=True))
