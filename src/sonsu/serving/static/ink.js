// Strokes as ink: the same curves on the screen and in the picture that is sent.

import { pngBlob } from "./dom.js";

/**
 * Draw strokes, points of which are {x, y, pressure} in shares of the sheet's height.
 * A stroke runs through the middles between its points, as a quadratic curve; pressure gives its width.
 */
export function drawInk(context, strokes, height, width, colour) {
  context.lineCap = context.lineJoin = "round";
  context.strokeStyle = context.fillStyle = colour;
  for (const stroke of strokes) {
    const points = stroke.map((point) => ({ x: point.x * height, y: point.y * height, width: width * height * weight(point) }));
    if (points.length === 1) dot(context, points[0]);
    let from = points[0];
    for (let i = 1; i < points.length; i++) {
      const to = i === points.length - 1 ? points[i] : middle(points[i], points[i + 1]);
      context.lineWidth = points[i].width;
      context.beginPath();
      context.moveTo(from.x, from.y);
      context.quadraticCurveTo(points[i].x, points[i].y, to.x, to.y);
      context.stroke();
      from = to;
    }
  }
}

/** From 0.55 of a pen's width where it barely touches to 1.45 where it is pressed; 1 for what has no pressure. */
function weight({ pressure }) {
  return pressure === null ? 1 : 0.55 + 0.9 * pressure;
}

function middle(a, b) {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}

function dot(context, { x, y, width }) {
  context.beginPath();
  context.arc(x, y, width / 2, 0, 2 * Math.PI);
  context.fill();
}

/** Strokes as a PNG file, black on white, as a Blob. */
export function inkPicture(strokes, aspect, height_px, width) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(aspect * height_px);
  canvas.height = height_px;
  const context = canvas.getContext("2d", { alpha: false });
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  drawInk(context, strokes, height_px, width, "#000");
  return pngBlob(canvas.toDataURL().split(",")[1]); // toBlob waits until the browser is idle: 12 ms instead of 2
}
