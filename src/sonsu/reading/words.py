"""Words beside the numbers, most of them printed: the line network sees letters as other marks, some as digits."""

from collections.abc import Sequence

from sonsu.reading.crop import LineInk
from sonsu.reading.line_reader import Look, Read
from sonsu.reading.page import Line

_INKED = 40  # of 255
# Shares of a line's ink that its digits own: below the first it may be a word, below the second if it is read so
# unsurely; a word is wider, too, than its digits and a currency sign before them. Chosen on scenes, 704 true and 236
# invented lines: 111 of these go, none of the others.
_WORD, _DOUBTFUL, _SURE = 0.35, 0.6, 0.9
_DIGIT, _SIGN = 0.8, 1.6  # times the line's height: the width of a digit and of a sign


def without_words(found: Sequence[LineInk], read: Sequence[Read]) -> list[Read]:
    """Take the words out of what was read.

    Args:
        found: the lines of a page.
        read: what each says, None where it holds no digit, and what the networks saw of it.

    Returns:
        The same, with None for the words.
    """
    return [(None if _is_word(ink, line, look) else line, look) for ink, (line, look) in zip(found, read, strict=True)]


def _is_word(found: LineInk, line: Line | None, look: Look) -> bool:
    """Whether most of a line's ink is of no digit, and more than a sign."""
    height, width = found.ink.shape
    if width < (_SIGN + _DIGIT * len(look.inks)) * height:
        return False
    own = sum(int((ink > _INKED).sum()) for ink in look.inks)
    share = own / max(int((found.ink > _INKED).sum()), 1)
    return share < _WORD or (share < _DOUBTFUL and (line is None or line.confidence < _SURE))
