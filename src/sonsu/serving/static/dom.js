// The little that is needed to make elements.

/** An element with its properties and children; a `class` is its class, a `style` its custom properties. */
export function make(tag, { class: kind, style, ...properties } = {}, ...children) {
  const node = document.createElement(tag);
  if (kind) node.className = kind;
  for (const [name, value] of Object.entries(style ?? {})) node.style.setProperty(name, value);
  Object.assign(node, properties);
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** A button that does something. */
export function button(text, onclick, properties = {}) {
  return make("button", { type: "button", textContent: text, onclick, ...properties });
}

/** A picture that came in base64, as an address and as a file. */
export const pngUrl = (base64) => `data:image/png;base64,${base64}`;
export const pngBlob = (base64) =>
  new Blob([Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))], { type: "image/png" });
