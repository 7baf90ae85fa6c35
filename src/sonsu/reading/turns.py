"""Which way up a picture is, and which of its ink was written: what makes most sense of its lines."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from sonsu.reading.crop import LineInk
from sonsu.reading.line_reader import Read
from sonsu.reading.lines import Found
from sonsu.reading.page import Line
from sonsu.reading.words import without_words

# Chosen on pages that lie each of the four ways, 60 turned and 120 upright.
_UNDERSTOOD = 0.8  # a page that makes this much sense is read along its lines…
_CERTAIN = 0.9  # …and this much the right way up
_TURN_MARGIN = 4.0  # another way up has to make clearly more, above all of few digits: 761 upside down is 192
_FEWEST_TO_TURN = 6  # digits
_TELLING, _LEAST_TELLING = frozenset("23457"), 2  # 0, 1 and 8 are the same upside down, 6 is a 9
_PRINT = 3.0  # times as wide as high: a line this long without anything like a digit is print, and tells nothing
_LONE = 0.5  # what a digit to itself counts for, of the 1 that it would: across the writing nearly every stroke is one
_ALONG = 2.5  # digits a line: across the writing lines are mostly no longer…
_MUDDLED = 0.6  # …but that says nothing of a page that makes no more sense than this
_GLANCED_AT = 4  # lines, the longest: they tell whether it is worth reading a page upside down
_LEAST = 0.5  # no other way up makes sense that makes less than this
_PALER_MARGIN = 2.0  # times the evidence that pale ink has to have: what is paler may be the back's


@dataclass(frozen=True, eq=False)
class Reading:
    """A picture's lines at one of its quarter turns.

    Attributes:
        found: the lines' ink.
        read: for each what it says, None where it holds no digit, and what the networks saw of it.
        left_out: lines that were left out, for they are too low.
    """

    found: Found
    read: list[Read]
    left_out: tuple[LineInk, ...] = ()

    @property
    def digits(self) -> int:
        """How many digits were seen, refused ones too."""
        return sum(len(look.answer.digits) for _, look in self.read)

    @property
    def understood(self) -> float:
        """The share of the digits likely to stand in lines that are read right; a line without any counts as one."""
        right = sum(len(line.text) * line.confidence for line, _ in self.read if line is not None)
        return right / max(sum(map(counted, self.found.lines, self.read)), 1)

    @property
    def evidence(self) -> float:
        """The digits likely read right, those of longer lines counting for more, as far as the page makes sense."""
        return sum(_evidence(line) for line, _ in self.read) * self.understood

    @property
    def sense(self) -> float:
        """The evidence of each digit: nearly every stroke is a digit to itself, few make a number."""
        return self.evidence / max(self.digits, 1)

    @property
    def tells_up(self) -> bool:
        """Whether there are digits that are none upside down."""
        return sum(char in _TELLING for line, _ in self.read if line for char in line.text) >= _LEAST_TELLING

    def without_words(self) -> "Reading":
        """The same, with None for what is a word."""
        return replace(self, read=without_words(self.found.lines, self.read))

    @property
    def length(self) -> float:
        """How many digits a line has on average, of those that have any."""
        return self.digits / max(sum(bool(look.answer.digits) for _, look in self.read), 1)


def read_sensibly(
    read_turned: Callable[[int], Reading], read_paler: Callable[[], Reading], read_line: Callable[[LineInk], Read]
) -> Reading:
    """Read a picture as it is, without its dark ink or turned by quarters where that makes clearly more sense of it.

    Args:
        read_turned: reads the picture, turned first by so many quarters against the clock.
        read_paler: reads the picture as it is, without its dark ink: pencil beside print.
        read_line: reads one line.
    """
    given = read_turned(0)
    plain = given.without_words()
    if plain.understood <= _MUDDLED and _outshines(paler := read_paler(), plain):
        return paler
    if not given.read or given.understood > _CERTAIN:
        return given
    others = []
    across = given.understood <= _UNDERSTOOD and (given.length <= _ALONG or given.understood <= _MUDDLED)
    if across:
        others = [read_turned(1), read_turned(3)]
    if all(side.understood <= _UNDERSTOOD for side in others) and _may_be_upside_down(given, read_line):
        others += [over] if (over := read_turned(2)).tells_up else []
    better = [other for other in others if other.understood > max(given.understood, _LEAST)]
    best = max([given, *better], key=lambda way: way.sense)
    margin = 1 + _TURN_MARGIN / max(best.digits, 1)
    return best if best.digits >= _FEWEST_TO_TURN and best.evidence > margin * given.evidence else given


def _may_be_upside_down(given: Reading, read_line: Callable[[LineInk], Read]) -> bool:
    """Whether the lines with most digits say more upside down: most pages that are unsure are not."""
    lines = sorted(zip(given.found.lines, given.read, strict=True), key=lambda each: -len(each[1][1].answer.digits))
    lines = lines[:_GLANCED_AT]
    over = sum(_evidence(read_line(ink.upside_down())[0]) for ink, _ in lines)
    return over > sum(_evidence(line) for _, (line, _) in lines)


def _evidence(line: Line | None) -> float:
    """The digits of a line that are likely read right; those of a longer one count for more."""
    return (len(line.text) ** 1.5 - _LONE) * line.confidence if line else 0.0


def _outshines(paler: Reading, given: Reading) -> bool:
    """Whether paler ink makes sense, and far more of it than all of the ink; what is left of rules is but ones."""
    certain = paler.understood > _UNDERSTOOD and paler.digits >= _FEWEST_TO_TURN
    return certain and paler.tells_up and paler.evidence > _PALER_MARGIN * given.evidence


def counted(ink: LineInk, read: Read) -> int:
    """How many digits of a line should be understood."""
    seen = len(read[1].answer.digits)
    height, width = ink.ink.shape
    return seen or int(width < _PRINT * height)
