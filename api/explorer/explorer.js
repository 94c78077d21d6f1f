// The explorer reads /openapi.json and builds a page on which every operation can be read and sent. The API key stays in
// this tab's memory: it is never stored.
"use strict";

const make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") for (const [event, handler] of Object.entries(value)) element.addEventListener(event, handler);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== undefined && child !== null));
  return element;
};

let spec;

// resolve follows a reference into the document.
const resolve = (node) => {
  while (node && node.$ref) node = node.$ref.slice(2).split("/").reduce((at, part) => at[part], spec);
  return node;
};

// flat joins what allOf takes together.
const flat = (schema) => {
  schema = resolve(schema) || {};
  if (!schema.allOf) return schema;
  return schema.allOf.map(flat).reduce((all, part) => ({ ...all, ...part }), { ...schema, allOf: undefined });
};

// example is the smallest value that fits a schema; the members beside it are listed in a table.
const example = (schema) => {
  schema = flat(schema);
  if (schema.example !== undefined) return schema.example;
  if (schema.default !== undefined) return schema.default;
  if (schema.enum) return schema.enum[0];
  switch (schema.type) {
    case "object": {
      const value = {};
      for (const [name, property] of Object.entries(schema.properties || {})) {
        if ((schema.required || []).includes(name)) value[name] = example(property);
      }
      return value;
    }
    case "array": return schema.minItems ? [example(schema.items)] : [];
    case "integer": case "number": return schema.minimum || 0;
    case "boolean": return false;
    case "string": return schema.format === "date-time" ? new Date().toISOString() : "";
  }
  return null;
};

// typeText is a schema in a few words.
const typeText = (schema) => {
  schema = flat(schema);
  if (schema.enum) return schema.enum.join(" | ");
  if (schema.type === "array") return `list of ${typeText(schema.items)}`;
  return [schema.format || schema.type, schema.pattern && `matching ${schema.pattern}`].filter(Boolean).join(" ");
};

const membersTable = (schema) => {
  schema = flat(schema);
  const rows = Object.entries(schema.properties || {}).map(([name, property]) => {
    const resolved = flat(property);
    return make("tr", {}, make("td", {}, make("code", {}, name), (schema.required || []).includes(name) ? " *" : ""),
      make("td", { class: "quiet" }, typeText(resolved)), make("td", {}, ...prose(resolved.description || "")));
  });
  return rows.length ? make("table", {}, ...rows) : null;
};

const newKey = () => (crypto.randomUUID ? crypto.randomUUID() : `key-${Date.now()}-${Math.random().toString(36).slice(2)}`);

// send sends the request as it stands in the form and shows the answer.
const send = async (method, path, form, output) => {
  const headers = {};
  const query = new URLSearchParams();
  for (const input of form.querySelectorAll("input[data-in]")) {
    if (!input.value) continue;
    if (input.dataset.in === "path") path = path.replace(`{${input.name}}`, encodeURIComponent(input.value));
    if (input.dataset.in === "query") query.set(input.name, input.value);
    if (input.dataset.in === "header") headers[input.name] = input.value;
  }
  const key = document.getElementById("key").value.trim();
  if (key) headers.Authorization = `Bearer ${key}`;
  const text = form.querySelector("textarea");
  const file = form.querySelector('input[type="file"]');
  const body = text ? text.value : file ? file.files[0] : undefined;
  if (text) headers["Content-Type"] = "application/json";
  if (file) headers["Content-Type"] = "application/octet-stream";
  const address = path + (query.size ? `?${query}` : "");
  output.textContent = "...";
  output.className = "";
  try {
    const started = performance.now();
    const response = await fetch(address, { method, headers, body });
    const answer = await response.text();
    const milliseconds = Math.round(performance.now() - started);
    const shown = ["Location", "ETag", "Retry-After", "Idempotency-Replayed", "X-Request-Id"]
      .filter((name) => response.headers.has(name)).map((name) => `${name}: ${response.headers.get(name)}`);
    let pretty = answer;
    try { pretty = JSON.stringify(JSON.parse(answer), null, 2); } catch { /* not JSON: as it came */ }
    output.className = response.ok ? "" : "failed";
    output.textContent = [`${method} ${address}`, `${response.status} ${response.statusText} (${milliseconds} ms)`, ...shown, "", pretty].join("\n");
  } catch (error) {
    output.className = "failed";
    output.textContent = `${method} ${address}\nnot sent: ${error.message}`;
  }
};

const operationCard = (method, path, item, operation) => {
  const parameters = [...(item.parameters || []), ...(operation.parameters || [])].map(resolve);
  const rows = parameters.map((parameter) => make("tr", {},
    make("td", {}, make("code", {}, parameter.name), parameter.required ? " *" : "", make("div", { class: "quiet" }, parameter.in)),
    make("td", {}, make("input", {
      name: parameter.name, "data-in": parameter.in, "aria-label": parameter.name,
      value: parameter.name === "Idempotency-Key" ? newKey() : undefined,
      placeholder: typeText(parameter.schema), spellcheck: "false",
    })),
    make("td", {}, ...prose(parameter.description || ""))));
  const bodies = operation.requestBody ? resolve(operation.requestBody).content : {};
  const bodySchema = bodies["application/json"]?.schema;
  const takesFile = "application/octet-stream" in bodies;
  const output = make("pre", { "aria-live": "polite" }, "No answer yet.");
  const form = make("form", { on: { submit: (event) => { event.preventDefault(); send(method.toUpperCase(), path, form, output); } } },
    ...(operation.description ? formatted(operation.description) : []),
    rows.length ? make("table", {}, ...rows) : null,
    bodySchema ? make("details", {}, make("summary", {}, "Members of the body"), membersTable(bodySchema)) : null,
    bodySchema ? make("textarea", { "aria-label": "Body", spellcheck: "false" }, JSON.stringify(example(bodySchema), null, 2)) : null,
    takesFile ? make("p", {}, make("label", {}, "File ", make("input", { type: "file", required: "" }))) : null,
    make("p", {}, make("button", { type: "submit" }, "Send"), " ",
      method === "post" ? make("button", { type: "button", on: { click: () => {
        form.querySelector('input[name="Idempotency-Key"]').value = newKey();
      } } }, "New key") : null));
  const answers = Object.entries(operation.responses || {}).map(([status, response]) =>
    make("tr", {}, make("td", {}, make("code", {}, status)), make("td", {}, resolve(response).description)));
  return make("details", { class: "operation", id: operation.operationId },
    make("summary", {}, make("span", { class: `method ${method}` }, method.toUpperCase()), make("code", {}, path),
      make("span", { class: "quiet" }, operation.summary || "")),
    make("div", { class: "inside" }, form, output, make("table", {}, ...answers)));
};

// prose shows text with `code` and **strong** words; formatted() adds paragraphs and lists of lines that begin with "- ".
const prose = (text) => text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((part) => {
  if (part.startsWith("`")) return make("code", {}, part.slice(1, -1));
  if (part.startsWith("**")) return make("strong", {}, part.slice(2, -2));
  return part;
});

const formatted = (text) => text.trim().split(/\n\n+/).map((block) => {
  if (!block.startsWith("- ")) return make("p", {}, ...prose(block));
  return make("ul", {}, ...block.slice(2).split(/\n- /).map((item) => make("li", {}, ...prose(item))));
});

const build = () => {
  document.getElementById("title").textContent = `${spec.info.title} API ${spec.info.version}`;
  const contents = document.getElementById("contents");
  const main = document.getElementById("operations");
  main.replaceChildren(...formatted(spec.info.description || ""));
  for (const tag of spec.tags) {
    main.append(make("h2", {}, tag.name), make("p", { class: "quiet" }, tag.description));
    contents.append(make("strong", {}, tag.name));
    for (const [path, item] of Object.entries(spec.paths)) {
      for (const method of ["get", "post"]) {
        const operation = item[method];
        if (!operation || !operation.tags.includes(tag.name)) continue;
        main.append(operationCard(method, path, item, operation));
        contents.append(make("a", { href: `#${operation.operationId}` }, operation.operationId));
      }
    }
  }
};

const openLinked = () => {
  const target = document.getElementById(location.hash.slice(1));
  if (target instanceof HTMLDetailsElement) { target.open = true; target.scrollIntoView(); }
};

addEventListener("hashchange", openLinked);
fetch("/openapi.json").then((response) => response.json()).then((document_) => { spec = document_; build(); openLinked(); })
  .catch((error) => { document.getElementById("operations").textContent = `openapi.json could not be read: ${error.message}`; });
