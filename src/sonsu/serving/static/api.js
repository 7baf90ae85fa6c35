// What is asked of the server. Addresses are relative: the page also works below a proxy's path.

const KEY = "sonsu-key";

/** Why the server did not give what was asked. */
export class Refusal extends Error {
  constructor(status, detail, retryAfter_s, type = "") {
    super(detail);
    this.status = status;
    this.type = type;
    this.retryAfter_s = retryAfter_s;
  }
}

/** Read pictures: one Blob as the body, several files as a form. Gives a list of records. */
export async function read(route, blobs, signal) {
  let body = blobs[0];
  if (blobs.length > 1 || body instanceof File) {
    body = new FormData();
    for (const blob of blobs) body.append("file", blob);
  }
  return send(`v1/${route}?explain=true&list=true`, { method: "POST", body, signal });
}

/** Have a digit's picture kept with its right label; null is no digit. */
export function correct(blob, label) {
  return send(`v1/corrections${label === null ? "" : `?label=${label}`}`, { method: "POST", body: blob });
}

/** What the server is and takes. */
export function about() {
  return send("v1/about");
}

/** Remember a key for as long as the tab is open; what no header can hold is no key. */
export function useKey(key) {
  if (/^[!-~][ -~]*$/.test(key)) sessionStorage.setItem(KEY, key.trim());
}

async function send(address, options = {}) {
  const key = sessionStorage.getItem(KEY);
  const headers = key ? { Authorization: `Bearer ${key}` } : {};
  let answer;
  try {
    answer = await fetch(address, { ...options, headers, cache: "no-store" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refusal(0, String(error));
  }
  if (answer.ok) return answer.json();
  const problem = await answer.json().catch(() => ({}));
  const retryAfter_s = Number(answer.headers.get("Retry-After")) || 1;
  throw new Refusal(answer.status, problem.detail ?? answer.statusText, retryAfter_s, problem.type);
}
