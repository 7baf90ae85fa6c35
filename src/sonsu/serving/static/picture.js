// A picture that is dropped, pasted, chosen or photographed.

import { button, make } from "./dom.js";
import { say, whenSpoken } from "./language.js";

const CROP_PX = 240;

/** Make the picture panel take files, wherever on the page they come; `give` gets them. */
export function takePictures(section, give, forget) {
  const drop = section.querySelector(".drop");
  const another = button("", forget);
  section.querySelector(".tools").append(another);
  whenSpoken(() => (another.textContent = say("another")));
  for (const input of section.querySelectorAll("input[type=file]")) {
    input.addEventListener("change", () => {
      if (input.files.length) give([...input.files]);
      input.value = "";
    });
  }
  section.querySelector("#example").addEventListener("click", async () => {
    const picture = await fetch("static/example.jpg").then((answer) => answer.blob(), () => new Blob());
    give([new File([picture], "example.jpg", { type: "image/jpeg" })]);
  });
  document.addEventListener("paste", (event) => {
    if (event.clipboardData.files.length) give([...event.clipboardData.files]);
  });
  document.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    drop.classList.add("over");
  });
  document.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) drop.classList.remove("over");
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    if (event.dataTransfer.files.length) give([...event.dataTransfer.files]);
  });
}

/** Show a picture: the file itself, or what the server made of a page that browsers do not show. */
export function showPicture(section, file, record) {
  const picture = section.querySelector("img");
  if (picture.src.startsWith("blob:")) URL.revokeObjectURL(picture.src);
  picture.src = record?.picture_jpeg ? `data:image/jpeg;base64,${record.picture_jpeg}` : URL.createObjectURL(file);
  picture.alt = say("pictureRead");
  section.querySelector(".shown").hidden = false;
  section.querySelector(".choose").hidden = true;
  section.classList.add("written");
}

/** A digit's place in the picture that is shown, with some of what is around it, as a square canvas. */
export function cropOf(section, record, digit) {
  const picture = section.querySelector("img");
  const scale = picture.naturalWidth / record.width_px;
  const [x, y, width, height] = digit.box_px.map((side) => side * scale);
  const side = 1.5 * Math.max(width, height);
  const canvas = make("canvas", { width: CROP_PX, height: CROP_PX, role: "img", ariaLabel: say("inPicture") });
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  const [left, top] = [x + width / 2 - side / 2, y + height / 2 - side / 2];
  context.drawImage(picture, left, top, side, side, 0, 0, CROP_PX, CROP_PX);
  return canvas;
}

/** Back to an empty panel. */
export function forgetPicture(section) {
  const picture = section.querySelector("img");
  if (picture.src.startsWith("blob:")) URL.revokeObjectURL(picture.src);
  picture.removeAttribute("src");
  section.querySelector(".shown").hidden = true;
  section.querySelector(".choose").hidden = false;
  section.classList.remove("written");
}
