"""Make the contact sheet of docs/scenes.md: ``python docs/make_scenes_picture.py``. Needs the extra `train`."""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

from sonsu.learning.line_data import Hands, made_up_hand
from sonsu.scenes import pages

COLUMNS, WIDTH, TITLE = 4, 300, 22
HEIGHTS = {"clean": 70, "touching": 90, "tablet": 110, "boxes": 190, "cheque": 95}  # px; the others are whole pages


def main() -> None:
    """Draw some pictures of each kind, a row a kind."""
    hands, rows = Hands([(1.0, made_up_hand)]), []
    for kind, (_, what) in pages.KINDS.items():
        height = HEIGHTS.get(kind, 250)
        row = Image.new("RGB", (COLUMNS * WIDTH, height + TITLE), (236, 238, 241))
        ImageDraw.Draw(row).text((6, 3), f"{kind}: {what}", (30, 35, 45), ImageFont.load_default(13))
        for i, shot in enumerate(pages.draw_many(kind, hands, COLUMNS, seed=4)):
            picture = ImageOps.contain(Image.fromarray(shot.pixels), (WIDTH - 8, height - 8), Image.Resampling.LANCZOS)
            left, top = i * WIDTH + (WIDTH - picture.width) // 2, TITLE + (height - picture.height) // 2
            row.paste(picture, (left, top))
        rows.append(row)
    sheet = Image.new("RGB", (COLUMNS * WIDTH, sum(row.height for row in rows)))
    for i, row in enumerate(rows):
        sheet.paste(row, (0, sum(above.height for above in rows[:i])))
    sheet.save(Path(__file__).parent / "images" / "scenes-pages.jpg", quality=82, optimize=True)


if __name__ == "__main__":
    main()
