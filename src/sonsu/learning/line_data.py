"""Training lines without end: written, spoiled as a reader finds them, in the line network's form, with their answers.

A batch follows from the seed and its number alone, so that a training can be resumed, and batches can be made in other
processes. A line's answer is a row of classes: `BLANK`, digit + 1, and `OTHER` for a run of anything that is no digit.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sonsu.errors import DataError
from sonsu.learning import datasets, pen, strokes
from sonsu.learning.line_augment import spoil
from sonsu.learning.marks import INNER, LEADING, PRINTED, TRAILING
from sonsu.learning.writing import DIGITS, Hand, ImageHand, PenHand, StrokesHand, Written, draw_layout, write_line
from sonsu.reading.line_form import HEIGHT, LineForm, line_form

HandMaker = Callable[[np.random.Generator], Hand]

BLANK, OTHER = 0, 11
CLASSES = 12

WIDTHS = (96, 192, 128, 256, 192, 384, 96, 256, 128, 192, 128, 512)
"""The widths of batches, by turns, in px; a line is padded to its batch's width."""
_PIXELS = 64 * 192  # of a batch, over the height: narrow lines come in larger batches
LONGEST = 24
"""Room for a line's answer; the rest is 0."""

_LEAST_PX = 13  # of a digit's height in the line's form: what a long stroke makes smaller is nothing to learn from
_CHARACTER_PX = 25  # of a line's form, about the width of a character without the gap
_LETTERS_ONLY = 0.06  # of the lines hold no digit
_WITH_MARKS = 0.45
_VARY = 0.07  # of images of digits, so that they come from more writers


@dataclass(frozen=True, eq=False)
class Batch:
    """Lines of one width.

    Attributes:
        images: uint8 (n, 40, w, 1), ink = 255.
        labels: int32 (n, 24), classes from the left, then 0.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int32]


class Hands:
    """Whose hands the lines are written by."""

    def __init__(self, makers: Sequence[tuple[float, HandMaker]]) -> None:
        """Take functions that draw a hand, each with its weight."""
        self._makers = [make for _, make in makers]
        weights = np.array([weight for weight, _ in makers])
        self._shares = weights / weights.sum()

    def draw(self, rng: np.random.Generator) -> Hand:
        """One writer's hand."""
        return self._makers[int(rng.choice(len(self._makers), p=self._shares))](rng)


def images_hand(images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> HandMaker:
    """Hands of images uint8 (n, 28, 28) such as MNIST's, with labels uint8 (n,).

    Raises:
        DataError: a digit is not among them.
    """
    _check_digits(map(str, labels.tolist()))
    hand = ImageHand(images, labels, vary=_VARY)
    return lambda rng: hand


def pen_hands(characters: Sequence[pen.Character]) -> HandMaker:
    """Hands of recorded pens: one writer's digits, what is missing there taken from the others; letters of all.

    Raises:
        DataError: a digit is not among them, or nobody wrote five different ones.
    """
    _check_digits(character.label for character in characters)
    writers: dict[str, dict[str, list[pen.Character]]] = defaultdict(lambda: defaultdict(list))
    everybody: dict[str, list[pen.Character]] = defaultdict(list)
    for character in characters:
        writers[character.writer][character.label].append(character)
        everybody[character.label].append(character)
    names = sorted(name for name, known in writers.items() if sum(label in DIGITS for label in known) >= 5)
    if not names:
        raise DataError("none of these pens wrote five different digits; lines are written by one hand each.")
    # A writer of 400 digits has more to show than one of 20, but not twenty times as much.
    counts = np.array([sum(len(writers[name][digit]) for digit in DIGITS) for name in names])
    shares = np.sqrt(counts) / np.sqrt(counts).sum()

    def draw(rng: np.random.Generator) -> Hand:
        own: Mapping[str, Sequence[pen.Character]] = writers[names[int(rng.choice(len(names), p=shares))]]
        known = {label: own.get(label) or some for label, some in everybody.items()}
        return PenHand(known, float(np.exp(rng.uniform(np.log(0.025), np.log(0.19)))))

    return draw


def made_up_hand(rng: np.random.Generator) -> Hand:
    """A hand of made-up strokes."""
    return StrokesHand(strokes.draw_writer(rng))


def load_hands(specs: Sequence[str], data_dir: Path | None = None) -> tuple[Hands, Hands]:
    """Hands of SPECs, those of the validation writers apart: a twelfth of each, as `sonsu train` splits them.

    Args:
        specs: ``mnist:train``, ``pen:FILE`` and ``strokes:N``; all pens become one set of hands.
        data_dir: where MNIST is looked for first.

    Returns:
        Hands to train on and hands to validate on.
    """
    training: list[tuple[float, HandMaker]] = []
    validation: list[tuple[float, HandMaker]] = []
    pens: list[pen.Character] = []
    held_pens: list[pen.Character] = []
    for spec in specs:
        kind, _, rest = spec.partition(":")
        if kind == "pen":
            characters = pen.load(Path(rest).expanduser())
            held = _held_writers(characters, rest)
            pens += [character for character in characters if character.writer not in held]
            held_pens += [character for character in characters if character.writer in held]
        elif kind == "strokes":
            datasets.strokes_count(rest)
            training.append((1.0, made_up_hand))
            validation.append((1.0, made_up_hand))
        else:
            parts = datasets.split(datasets.load(spec, data_dir), datasets.VALIDATION_SHARE, seed=0)
            for part, hands in zip(parts, (training, validation), strict=True):
                hands.append((1.2, images_hand(part.images, part.labels)))
    if pens:
        training.append((1.5, pen_hands(pens)))
        validation.append((1.5, pen_hands(held_pens)))
    return Hands(training), Hands(validation)


def _check_digits(labels: Iterable[str]) -> None:
    missing = sorted(set(DIGITS) - set(labels))
    if missing:
        raise DataError(
            f"lines need every digit, in what is trained on and in what is held back; there is no {', '.join(missing)}."
        )


def _held_writers(characters: Sequence[pen.Character], name: str) -> set[str]:
    """The writers of a file that `sonsu.learning.datasets.split` holds back."""
    names = np.unique([character.writer for character in characters])
    if len(names) < 2:
        raise DataError(f"{name}: one writer's hand; lines are learnt from some and measured on others: at least two.")
    count = max(round(len(names) * datasets.VALIDATION_SHARE), 1)
    return set(np.random.default_rng(0).choice(names, count, replace=False).tolist())


class Lines:
    """The batches of a training, each to be had by its number."""

    def __init__(self, hands: Hands, seed: int) -> None:
        self._hands, self._seed = hands, seed

    def batch(self, number: int) -> Batch:
        """The batch of this number; its lines are between half as wide as the batch and as wide."""
        rng = np.random.default_rng((self._seed, number))
        width = WIDTHS[number % len(WIDTHS)]
        images: list[NDArray[np.uint8]] = []
        labels: list[list[int]] = []
        for form, written in self._forms(rng, width):
            answer = answer_of(written)
            images.append(_placed(form.image, width, rng))
            labels.append(answer + [BLANK] * (LONGEST - len(answer)))
            if len(images) == _PIXELS // width:
                break
        return Batch(np.stack(images)[..., None], np.array(labels, np.int32))

    def found(self, lines: int) -> Iterator[tuple[NDArray[np.uint8], str]]:
        """So many lines' ink, uint8 (h, w), with the digits written in them: by turns as written, and spoiled."""
        for number in range(lines):
            rng = np.random.default_rng((self._seed, number))
            form, written = next(self._forms(rng, WIDTHS[number // 2 % len(WIDTHS)]))
            yield form.image if number % 2 else written.ink, written.text

    def _forms(self, rng: np.random.Generator, width: int) -> Iterator[tuple[LineForm, Written]]:
        """Lines that fit into this width, without end."""
        neighbour = np.zeros((8, 8), np.uint8)
        while True:
            hand, height_px, layout = self._hands.draw(rng), _draw_height(rng), draw_layout(rng)
            length = max(round(rng.uniform(0.45, 0.95) * width / (_CHARACTER_PX + 30 * layout.gap)), 1)
            written = write_line(draw_text(rng, hand.letters, length), hand, rng, height_px, layout)
            form = line_form(spoil(written.ink, _gaps(written), neighbour, rng))
            neighbour, answer, wide = written.ink, answer_of(written), form.image.shape[1]
            fits = wide <= width and (wide > width / 2 or width == min(WIDTHS))
            if not fits or len(answer) > LONGEST or not _enough_steps(answer, wide):
                continue
            if form.scale * height_px >= _LEAST_PX and not _lost(written.ink, form):
                yield form, written


def draw_text(rng: np.random.Generator, letters: str, length: int) -> str:
    """What somebody writes: a number, often with marks around; now and then no number at all.

    Args:
        rng: source of chance.
        letters: those that the hand knows.
        length: about how many characters.
    """
    if rng.random() < _LETTERS_ONLY:
        if rng.random() < 0.3:
            return " ".join([PRINTED] * max(length // 4, 1))
        return "".join(rng.choice(list(letters or LEADING), length).tolist())
    marked = rng.random() < _WITH_MARKS
    length = max(length - 2 * marked, 1)
    digits = rng.choice(list(DIGITS), length).tolist()
    if rng.random() < 0.3:  # repeated digits, zeros above all, are commoner than chance
        start = int(rng.integers(0, length))
        digits[start : start + int(rng.integers(2, 5))] = [str(rng.choice(["0", "0", *DIGITS]))] * min(
            int(rng.integers(2, 5)), length - start
        )
    if rng.random() < 0.25:  # 1 is the commonest first digit (Benford 1938) and the easiest to lose
        digits[0 if rng.random() < 0.6 else -1] = "1"
    if marked:
        _add_marks(digits, letters, rng)
    return "".join(digits)


def _add_marks(chars: list[str], letters: str, rng: np.random.Generator) -> None:
    chance = rng.random(8)
    if chance[0] < 0.35:
        for place in sorted(rng.integers(1, len(chars) + 1, rng.integers(1, 3)).tolist(), reverse=True):
            chars.insert(place, str(rng.choice(list(INNER))))
    if chance[1] < 0.25:
        chars += str(rng.choice([",", ".", "-", " "])), "^", str(rng.integers(10)), "^", str(rng.integers(10))
        if rng.random() < 0.2:
            chars += "/^1^0^0"
    if chance[2] < 0.4:
        chars[:0] = rng.choice(list(LEADING), rng.integers(1, 3)).tolist()
    if chance[3] < 0.4:
        chars += rng.choice(list(TRAILING), rng.integers(1, 4)).tolist()
    if letters and chance[4] < 0.12:
        chars[:0] = [*rng.choice(list(letters), rng.integers(1, 4)).tolist(), " "]
    if letters and chance[5] < 0.08:
        chars += [" ", *rng.choice(list(letters), rng.integers(1, 4)).tolist()]
    if chance[6] < 0.15:
        chars[:0] = [PRINTED, *([" "] if rng.random() < 0.5 else [])]
    if chance[7] < 0.06:
        chars += [" ", PRINTED]


def answer_of(written: Written) -> list[int]:
    """A line's classes from left to right, a run of marks being one `OTHER`."""
    answer: list[int] = []
    for char, _ in written.boxes:
        if char in DIGITS:
            answer.append(int(char) + 1)
        elif not answer or answer[-1] != OTHER:
            answer.append(OTHER)
    return answer


def _draw_height(rng: np.random.Generator) -> float:
    """The digits' height in px as the picture has them: anything from barely legible to more than is needed."""
    return float(np.exp(rng.uniform(np.log(13), np.log(46))))


def _gaps(written: Written) -> list[int]:
    boxes = [box for _, box in written.boxes]
    return [(a[0] + a[2] + b[0]) // 2 for a, b in pairwise(boxes)]


def _enough_steps(answer: Sequence[int], width: int) -> bool:
    """Whether the steps suffice: repeated classes want a blank between them."""
    repeated = sum(a == b for a, b in pairwise(answer))
    return len(answer) + repeated <= width // 4 - 2


def _lost(ink: NDArray[np.uint8], found: LineForm) -> bool:
    """Whether so much ink is gone that nobody could read it."""
    kept = float(np.count_nonzero(found.image > 60)) / found.scale**2
    return bool(kept < 0.5 * np.count_nonzero(ink > 100))


def _placed(form: NDArray[np.uint8], width: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """A form in one of the batch's width, shifted by chance."""
    image = np.zeros((HEIGHT, width), np.uint8)
    left = int(rng.integers(0, width - form.shape[1] + 1))
    down = int(np.clip(round(rng.normal(0.0, 0.8)), -2, 2))
    image[:, left : left + form.shape[1]] = np.roll(form, down, axis=0)
    return image
