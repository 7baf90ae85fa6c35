// The API's description, from the server's own openapi.json.

import { make } from "./dom.js";

const EXAMPLES = {
  "/v1/read": "curl -F file=@sheet.jpg BASE/v1/read\ncurl -F file=@1.png -F file=@2.png BASE/v1/read",
  "/v1/read-digit": "curl --data-binary @seven.png BASE/v1/read-digit",
  "/v1/corrections": "curl --data-binary @seven.png 'BASE/v1/corrections?label=7'",
  "/v1/models": "curl BASE/v1/models",
  "/v2/models/{name}/infer":
    `pip install 'tritonclient[http]'\npython -c "import tritonclient.http as t; print(t.InferenceServerClient('HOST').get_model_metadata('default'))"`,
};

const description = await (await fetch("openapi.json")).json();
document.getElementById("description").replaceChildren(...prose(description.info.description));
document.getElementById("operations").replaceChildren(...sections());

function sections() {
  const byTag = new Map();
  for (const [path, methods] of Object.entries(description.paths))
    for (const [method, operation] of Object.entries(methods)) {
      const tag = operation.tags?.[0] ?? "other";
      byTag.set(tag, [...(byTag.get(tag) ?? []), article(path, method, operation)]);
    }
  return [...byTag].flatMap(([tag, articles]) => [make("h2", {}, tag[0].toUpperCase() + tag.slice(1)), ...articles]);
}

function article(path, method, operation) {
  const base = location.href.replace(/\/docs.*$/, "");
  const example = EXAMPLES[path]?.replaceAll("BASE", base).replaceAll("HOST", location.host);
  return make(
    "article",
    {},
    make("h3", {}, make("span", { class: "method" }, method.toUpperCase()), make("code", {}, path)),
    make("p", {}, operation.summary),
    operation.description ? make("p", { class: "muted" }, ...prose(operation.description)) : null,
    list((operation.parameters ?? []).map((one) => [one.name, one.description ?? one.in])),
    example ? make("pre", { tabIndex: 0 }, make("code", {}, example)) : null,
    answers(operation.responses),
  );
}

function answers(responses) {
  const rows = Object.entries(responses).map(([status, { description, content }]) => {
    const reference = JSON.stringify(content ?? {}).match(/#\/components\/schemas\/(\w+)/);
    return [status, reference && status < 300 ? `${reference[1]}: ${fields(reference[1])}` : description];
  });
  return make("details", {}, make("summary", {}, "Answers"), list(rows));
}

/** The members of a schema, by name. */
function fields(name) {
  return Object.keys(description.components.schemas[name].properties ?? {}).join(", ");
}

function list(rows) {
  if (!rows.length) return null;
  return make("dl", {}, ...rows.flatMap(([term, told]) => [make("dt", {}, make("code", {}, term)), make("dd", {}, told)]));
}

/** Text with its `code` set as code. */
function prose(text) {
  return text.split("`").map((part, i) => (i % 2 ? make("code", {}, part) : part));
}
