// A sheet to write on, with mouse, finger, pen or keyboard.

import { drawInk, inkPicture } from "./ink.js";
import { button } from "./dom.js";
import { say, whenSpoken } from "./language.js";

const STEP = 0.03; // how far an arrow key moves the pen, of the sheet's height
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Sheet {
  /**
   * @param section holds a canvas and a place for tools.
   * @param form {name: a word for it, pen: its width as a share of the sheet's height, picture_px: height of what is sent}
   * @param on {change: the strokes are others, told whether the pen is up; pen: it went down or up by keyboard}
   */
  constructor(section, form, on) {
    this.section = section;
    this.form = form;
    this.on = on;
    this.strokes = [];
    this.canvas = section.querySelector("canvas");
    this.cursor = { x: null, y: 0.5, down: false, shown: false };
    this.pointer = null;
    this.held = new Set();
    this.#listen();
    this.#makeTools();
    new ResizeObserver(() => this.draw()).observe(this.canvas);
    document.addEventListener("recoloured", () => this.draw());
  }

  get empty() {
    return this.strokes.length === 0;
  }

  /** Width over height. */
  get aspect() {
    return this.canvas.clientWidth / this.canvas.clientHeight;
  }

  /** What is written, as a PNG file. */
  picture() {
    return inkPicture(this.strokes, this.aspect, this.form.picture_px, this.form.pen);
  }

  undo() {
    this.cursor.down = false;
    this.pointer = null;
    if (this.strokes.pop()) this.#changed(true);
  }

  clear() {
    this.cursor.down = false;
    this.pointer = null;
    if (!this.empty) {
      this.strokes = [];
      this.#changed(true);
    }
  }

  draw() {
    const { clientWidth, clientHeight } = this.canvas;
    const scale = devicePixelRatio;
    this.canvas.width = Math.round(clientWidth * scale);
    this.canvas.height = Math.round(clientHeight * scale);
    const context = this.canvas.getContext("2d");
    const ink = getComputedStyle(this.canvas).color;
    drawInk(context, this.strokes, this.canvas.height, this.form.pen, ink);
    if (this.cursor.shown) this.#drawCursor(context, ink);
  }

  #drawCursor(context, ink) {
    const height = this.canvas.height;
    context.lineWidth = 2 * devicePixelRatio;
    context.strokeStyle = ink;
    context.beginPath();
    context.arc(this.cursor.x * height, this.cursor.y * height, 0.03 * height, 0, 2 * Math.PI);
    if (this.cursor.down) context.fill();
    context.stroke();
  }

  #changed(penIsUp) {
    this.section.classList.toggle("written", !this.empty);
    for (const tool of this.tools) tool.disabled = this.empty;
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.draw());
    this.on.change(penIsUp);
  }

  #makeTools() {
    const [undo, clear] = (this.tools = [button("", () => this.undo()), button("", () => this.clear())]);
    this.section.querySelector(".tools").append(undo, clear);
    undo.disabled = clear.disabled = true;
    whenSpoken(() => {
      undo.textContent = say("undo");
      clear.textContent = say("clear");
      this.canvas.ariaLabel = say(this.form.name);
    });
  }

  #listen() {
    const { canvas } = this;
    canvas.addEventListener("pointerdown", (event) => this.#begin(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, (event) => this.#end(event));
    canvas.addEventListener("keydown", (event) => this.#press(event));
    canvas.addEventListener("keyup", (event) => this.held.delete(event.key));
    canvas.addEventListener("focus", () => this.#showCursor(this.pointer === null));
    canvas.addEventListener("blur", () => this.#showCursor(false));
  }

  #point(event) {
    const { left, top, height } = this.canvas.getBoundingClientRect();
    const pressure = event.pointerType === "pen" && event.pressure > 0 ? event.pressure : null;
    return { x: (event.clientX - left) / height, y: (event.clientY - top) / height, pressure };
  }

  #begin(event) {
    const pen = event.pointerType === "pen";
    if (event.button !== 0 || (this.pointer !== null && !pen)) return; // a second finger, or the hand beside the pen
    event.preventDefault();
    if (this.pointer !== null) this.strokes.pop(); // what the hand wrote before the pen came down
    this.pointer = event.pointerId;
    this.canvas.focus({ preventScroll: true });
    this.#showCursor(false);
    this.canvas.setPointerCapture(event.pointerId);
    this.strokes.push([this.#point(event)]);
    this.#changed(false);
  }

  #move(event) {
    if (event.pointerId !== this.pointer) return;
    const passed = event.getCoalescedEvents?.() ?? [];
    for (const one of passed.length ? passed : [event]) this.strokes.at(-1).push(this.#point(one));
    this.#changed(false);
  }

  #end(event) {
    if (event.pointerId !== this.pointer) return;
    this.pointer = null;
    this.#changed(true);
  }

  #press(event) {
    const { key } = event;
    if ((event.ctrlKey || event.metaKey) && key.toLowerCase() === "z") this.undo();
    else if (event.ctrlKey || event.metaKey || event.altKey) return;
    else if (key === "Backspace") this.undo();
    else if (key === "Escape" || key === "Delete") this.clear();
    else if (key === " " || key === "Enter") this.#toggle();
    else if (key in ARROWS) this.#step(key);
    else return;
    event.preventDefault();
  }

  #toggle() {
    const { cursor } = this;
    cursor.down = !cursor.down;
    if (cursor.down) this.strokes.push([{ x: cursor.x, y: cursor.y, pressure: null }]);
    this.#showCursor(true);
    this.on.pen(cursor.down);
    this.#changed(!cursor.down);
  }

  #step(key) {
    this.held.add(key);
    const { cursor } = this;
    for (const held of this.held) {
      const [right, down] = ARROWS[held] ?? [0, 0];
      cursor.x = Math.min(Math.max(cursor.x + STEP * right, 0), this.aspect);
      cursor.y = Math.min(Math.max(cursor.y + STEP * down, 0), 1);
    }
    this.#showCursor(true);
    if (cursor.down) {
      this.strokes.at(-1).push({ x: cursor.x, y: cursor.y, pressure: null });
      this.#changed(false);
    }
  }

  #showCursor(shown) {
    this.cursor.shown = shown;
    this.cursor.x ??= this.aspect / 2;
    this.section.classList.toggle("keyed", shown);
    if (!shown) {
      this.cursor.down = false;
      this.held.clear();
    }
    this.draw();
  }
}
