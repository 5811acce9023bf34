// Drafts of form[data-autosave-key]: on this machine per user and page, and on the server, so that a phone sees them, too.
// Every page writes under its own name (tab), so two windows never share a draft and an offered one is never written over.
// On this machine wiped at sign-out and when another user signs in; kept through an error, a lost session or a closed lid.

const PREFIX = "giaoban-draft:";
const SENT = "giaoban-sent";
const WAIT = 800;
const WAIT_SEND = 2500;
const tab = ([1e7] + -1e3 + -4e3 + -8e3 + -1e11).replace(/[018]/g, (c) => (c ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (c / 4)))).toString(16));
const used = new Set();
const token = () => JSON.parse(document.body.getAttribute("hx-headers") ?? "{}")["X-CSRFToken"];
const NOT_KEPT = new Set(["hidden", "password", "file", "submit", "button", "reset", "image", "search"]);
const userKey = document.body.dataset.userKey;
const timers = new WeakMap();
const sendTimers = new WeakMap();
const sending = new WeakMap();
let signedOut = false;

const store = {
  read(name) {
    try {
      return JSON.parse(localStorage.getItem(name));
    } catch {
      return null;
    }
  },
  write(name, value) {
    try {
      localStorage.setItem(name, JSON.stringify(value));
      return true;
    } catch {
      return false;
    }
  },
  names() {
    return Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
  },
};

const ownPrefix = (form) => `${PREFIX}${userKey}:${form.dataset.autosaveKey}:`;
const nameOf = (form) => ownPrefix(form) + tab;
const two = (number) => String(number).padStart(2, "0");
const clock = (at) => `${two(at.getHours())}:${two(at.getMinutes())}`;
const dayOf = (at) => `${two(at.getDate())}/${two(at.getMonth() + 1)}/${at.getFullYear()}`;

const keptFields = (form) =>
  [...form.elements].filter((field) => field.name && !NOT_KEPT.has(field.type) && !("noDraft" in field.dataset));

function contentOf(form) {
  const values = {};
  const labels = {};
  for (const field of keptFields(form)) {
    const list = (values[field.name] ??= []);
    if (field.type === "checkbox" || field.type === "radio") {
      if (field.checked) list.push(field.value);
    } else if (field.multiple) {
      list.push(...[...field.selectedOptions].map((option) => option.value));
    } else {
      list.push(field.value);
      if (field.dataset.url && field.value) labels[`${field.name}=${field.value}`] = field.selectedOptions[0]?.text;
    }
  }
  const rows = {};
  for (const total of form.querySelectorAll("input[name$='-TOTAL_FORMS']")) rows[total.name] = Number(total.value);
  const base = form.elements.base?.value ?? "";
  return { values, labels, rows, keys: keysOf(form), version: form.elements.version?.value ?? "", base };
}

// What the server kept is a form as it is sent; the same shape as `contentOf`.
function fromServer({ tab: from, at, action, values, earlier = [] }) {
  const rows = {};
  const keys = {};
  for (const [name, [value]] of Object.entries(values)) {
    if (name.endsWith("-TOTAL_FORMS")) rows[name] = Number(value);
    const [, row, kind] = name.match(/^(.+-\d+)-(pk|basket)$/) ?? [];
    if (row && value) keys[row] = `${kind} ${value}`;
  }
  const labels = JSON.parse(values.draft_labels?.[0] ?? "{}");
  const versions = earlier.map((each) => fromServer({ tab: from, action, ...each }));
  return { tab: from, at, action, values, labels, rows, keys, version: values.version?.[0] ?? "", base: values.base?.[0] ?? "", versions };
}

const asks = (address, data) =>
  fetch(address, data ? { method: "POST", body: data, headers: { "X-CSRFToken": token() }, redirect: "manual", ...data.how } : { redirect: "manual" });

function bodyOf(form) {
  const data = new FormData(form);
  for (const [name, value] of [...data]) if (value instanceof File || name === "csrfmiddlewaretoken") data.delete(name);
  const heading = document.querySelector("main h1")?.textContent.trim() ?? document.title;
  const about = document.querySelector(".page-head-text p")?.textContent.trim() ?? "";
  const address = new URL(location);
  address.searchParams.delete("nhap");
  data.set("draft_form", form.dataset.autosaveKey);
  data.set("draft_tab", [tab, ...used].join(" "));
  data.set("draft_title", [heading, about].filter(Boolean).join(": "));
  data.set("draft_address", address.pathname + address.search);
  data.set("draft_labels", JSON.stringify(contentOf(form).labels));
  return data;
}

async function send(form) {
  clearTimeout(sendTimers.get(form));
  if (signedOut || form.dataset.sent) return;
  sending.get(form)?.abort();
  const stop = new AbortController();
  sending.set(form, stop);
  const body = bodyOf(form);
  body.how = { signal: stop.signal };
  try {
    const answer = await asks("/nhap/", body);
    if (answer.status === 204 && !form.dataset.unkept) show(form, `Đã lưu nháp lúc ${clock(new Date())}, mở được trên máy khác. Chưa gửi lên hệ thống.`);
  } catch {
    // no network or overtaken: the copy on this machine stays
  }
}

function drop(tabs) {
  if (!tabs.length) return;
  const data = new FormData();
  data.set("draft_tab", tabs.join(" "));
  asks("/nhap/bo/", data).catch(() => {});
}

// Rows of a formset that stand for something saved ("opinions-0" → "pk 12"): a draft goes back to the same thing only.
function keysOf(form) {
  const keys = {};
  for (const field of form.elements) {
    const [, row, kind] = field.name?.match(/^(.+-\d+)-(pk|basket)$/) ?? [];
    if (row && field.value) keys[row] = `${kind} ${field.value}`;
  }
  return keys;
}

const sameContent = (draft, now) =>
  JSON.stringify(draft.rows) === JSON.stringify(now.rows) &&
  Object.entries(now.values).every(([name, list]) => JSON.stringify(draft.values[name] ?? []) === JSON.stringify(list));

function show(form, text) {
  let place = form.querySelector("[data-autosave-state]");
  if (!place) {
    place = document.createElement("p");
    place.dataset.autosaveState = "";
    form.append(place);
  }
  place.textContent = text;
}

function keep(form) {
  clearTimeout(timers.get(form));
  delete form.dataset.unkept;
  if (signedOut) return;
  const at = new Date();
  const kept = store.write(nameOf(form), { at: at.getTime(), ...contentOf(form) });
  show(form, kept ? `Đã lưu nháp trên máy lúc ${clock(at)}. Chưa gửi lên hệ thống.` : "Trình duyệt không lưu được bản nháp. Mời bấm Lưu thường xuyên.");
  return kept;
}

function keepSoon(form) {
  clearTimeout(timers.get(form));
  show(form, "Chưa lưu nháp…");
  timers.set(form, setTimeout(() => keep(form), WAIT));
  clearTimeout(sendTimers.get(form));
  sendTimers.set(form, setTimeout(() => send(form), WAIT_SEND));
  form.dataset.unkept = "1";
}

function putBack(form, draft) {
  const left = placeRows(form, draft);
  const changed = [];
  for (const field of keptFields(form)) {
    const list = left[field.name] ?? (field.type === "checkbox" ? [] : null);
    if (!list) continue;
    const before = stateOf(field);
    if (field.type === "checkbox" || field.type === "radio") field.checked = list.includes(field.value);
    else if (field.multiple) for (const option of field.options) option.selected = list.includes(option.value);
    else putValue(field, list.shift() ?? "", draft.labels ?? {});
    if (stateOf(field) === before) continue;
    changed.push(field);
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
  // what the draft was opened with goes back, too: the server merges against it
  for (const name of ["base", "version"]) if (draft[name] && form.elements[name]) form.elements[name].value = draft[name];
  openUsed(form, changed);
  used.add(draft.tab);
}

const stateOf = (field) =>
  field.multiple ? [...field.selectedOptions].map((option) => option.value).join("\n") : `${field.checked} ${field.value}`;

// Exactly the panels whose fields the draft filled are opened; the others stay as the page shows them.
function openUsed(form, changed) {
  for (const fold of form.querySelectorAll("details:not([data-mode])")) {
    if (changed.some((field) => fold.contains(field) && (field.checked || (field.type !== "radio" && field.value)))) fold.open = true;
  }
}

// The values of a draft under the names they have now: saved rows by what they stand for, new ones behind them.
// A saved row that is no longer on the page (given out, taken away) is left to those who moved it.
function placeRows(form, draft) {
  const now = keysOf(form);
  const rows = { ...draft.rows };
  const moved = {};
  for (const total of Object.keys(draft.rows ?? {})) {
    const prefix = total.replace(/-TOTAL_FORMS$/, "");
    const taken = Object.keys(now).filter((row) => row.startsWith(`${prefix}-`));
    let next = -1;
    for (let index = 0; index < draft.rows[total]; index += 1) {
      const row = `${prefix}-${index}`;
      const key = draft.keys?.[row];
      if (key) moved[row] = Object.keys(now).find((each) => now[each] === key) ?? null;
      else {
        do next += 1;
        while (taken.includes(`${prefix}-${next}`));
        moved[row] = `${prefix}-${next}`;
      }
    }
    rows[total] = Math.max(0, ...Object.values(moved).map((row) => (row?.startsWith(`${prefix}-`) ? Number(row.match(/\d+$/)[0]) + 1 : 0)));
  }
  form.dispatchEvent(new CustomEvent("giaoban:rows", { detail: rows, bubbles: true }));
  const left = {};
  for (const [name, list] of Object.entries(draft.values)) {
    const row = name.match(/^(.+-\d+)-/)?.[1];
    if (!(row in moved)) left[name] = [...list];
    else if (moved[row]) left[moved[row] + name.slice(row.length)] = [...list];
  }
  return left;
}

function putValue(field, value, labels) {
  const label = labels[`${field.name}=${value}`];
  if (label && ![...field.options].some((option) => option.value === value)) field.add(new Option(label, value));
  field.value = value;
}

function offer(form, draft) {
  const at = new Date(draft.at);
  const box = document.createElement("div");
  box.className = "draft-offer";
  box.setAttribute("role", "status");
  const words = document.createElement("p");
  const isOlder = draft.version && draft.version !== (form.elements.version?.value ?? "");
  words.textContent = `Còn bản nháp chưa gửi${draft.isHere ? " trên máy này" : ""}, lưu lúc ${clock(at)} ngày ${dayOf(at)}.${isOlder ? " Sau đó trang này đã được lưu lại; khi bấm Lưu, phần của hai bên được ghép." : ""}`;
  const button = (text, style, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = `btn ${style}`;
    made.textContent = text;
    made.addEventListener("click", () => {
      act();
      box.remove();
      form.querySelector("input:not([type='hidden']), select, textarea")?.focus();
    });
    return made;
  };
  const use = (chosen) => () => {
    putBack(form, chosen);
    if (keep(form)) localStorage.removeItem(ownPrefix(form) + draft.tab);
    send(form);
  };
  box.append(
    words,
    button("Dùng bản nháp", "btn-primary", use(draft)),
    button("Bỏ bản nháp", "btn-outline-secondary", () => forget(form, draft)),
  );
  if (draft.versions?.length) box.append(earlierOf(draft, (each) => button(`Dùng bản lúc ${clock(new Date(each.at))} ngày ${dayOf(new Date(each.at))}`, "btn-outline-secondary", use(each))));
  form.prepend(box);
}

function earlierOf(draft, button) {
  const fold = document.createElement("details");
  fold.className = "fold";
  fold.dataset.mode = "";
  const title = document.createElement("summary");
  title.textContent = `Các bản lưu trước của bản nháp này (${draft.versions.length})`;
  const list = document.createElement("p");
  list.className = "button-row";
  list.append(...draft.versions.map(button));
  fold.append(title, list);
  return fold;
}

function forget(form, draft) {
  localStorage.removeItem(ownPrefix(form) + draft.tab);
  drop([draft.tab]);
}

// The page after a submit tells whether it arrived: a refusal, a sign-in page, an error of the network or the same form
// with errors keep the draft; only the page the form itself led to (or one that says it is saved) takes it away.
function settleSent() {
  const [sent, from, tabs = ""] = (sessionStorage.getItem(SENT) ?? "").split("\n");
  sessionStorage.removeItem(SENT);
  if (!sent || !userKey || "refused" in document.body.dataset) return;
  const sameForm = [...document.querySelectorAll("form[data-autosave-key]")].some((form) => ownPrefix(form) === sent);
  const saved = document.querySelector(".message-success") && !document.querySelector("[data-error-summary]");
  const cameFromForm = document.referrer && new URL(document.referrer).pathname === from;
  if (!saved && (!cameFromForm || sameForm)) return;
  for (const each of tabs.split(" ")) localStorage.removeItem(sent + each);
  drop(tabs.split(" ")); // a draft that was still on its way when the form was sent
}

async function begin(form) {
  if (form.dataset.draftReady) return;
  form.dataset.draftReady = "1";
  if (document.querySelector("[data-error-summary]") || "typed" in form.dataset) return;
  const found = new Map();
  for (const name of store.names().filter((each) => each.startsWith(ownPrefix(form)))) {
    const draft = store.read(name);
    if (draft) found.set(name.slice(ownPrefix(form).length), { ...draft, tab: name.slice(ownPrefix(form).length), isHere: true });
  }
  try {
    const answer = await asks(`/nhap/?form=${encodeURIComponent(form.dataset.autosaveKey)}`);
    const kept = answer.ok ? (await answer.json()).drafts.map(fromServer) : [];
    for (const draft of kept) {
      const here = found.get(draft.tab);
      if ((here?.at ?? 0) < draft.at) found.set(draft.tab, draft);
      else here.versions = draft.versions;
    }
  } catch {
    // no network: what is on this machine is offered
  }
  const now = contentOf(form);
  found.delete(tab);
  const asked = form.dataset.asked;
  for (const draft of [...found.values()].sort((one, other) => one.at - other.at)) {
    if (sameContent(draft, now)) forget(form, draft);
    else if (draft.tab !== asked) offer(form, draft);
  }
}

// The address leads back to a form that was sent when the session had ended: it is put back without asking.
async function putBackAsked() {
  const asked = new URLSearchParams(location.search).get("nhap");
  if (!asked || document.querySelector("form[data-typed]")) return;
  const answer = await asks(`/nhap/?nhap=${encodeURIComponent(asked)}`);
  const [draft] = answer.ok ? (await answer.json()).drafts.map(fromServer) : [];
  if (!draft) return;
  const form = [...document.querySelectorAll("main form[method='post']")].find((each) => new URL(each.getAttribute("action") || location.href, location.href).pathname === draft.action);
  if (!form) return;
  form.dataset.asked = draft.tab;
  for (let fold = form.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  putBack(form, draft);
  form.scrollIntoView();
}

function wipe(mine) {
  for (const name of store.names()) if (!mine || !name.startsWith(mine)) localStorage.removeItem(name);
  if (!mine) sessionStorage.removeItem(SENT);
}

function typed(event) {
  const form = event.target.form;
  if (form?.dataset.autosaveKey) keepSoon(form);
}

function beforeSending(event) {
  const form = event.target;
  if (form.matches("form[data-logout]")) {
    signedOut = true;
    wipe();
  }
  if (!form.dataset.autosaveKey || event.defaultPrevented) return;
  keep(form);
  clearTimeout(sendTimers.get(form));
  sending.get(form)?.abort();
  form.dataset.sent = "1";
  const tabs = [tab, ...used].join(" ");
  for (const [name, value] of [["draft_tab", tabs], ["draft_form", form.dataset.autosaveKey]]) {
    const field = form.elements[name] ?? form.appendChild(Object.assign(document.createElement("input"), { type: "hidden", name }));
    field.value = value;
  }
  sessionStorage.setItem(SENT, `${ownPrefix(form)}\n${location.pathname}\n${tabs}`);
}

function afterAnswer(event) {
  const form = event.target.closest?.("form[data-autosave-key]");
  if (!form || !event.detail.successful) return;
  sessionStorage.removeItem(SENT);
  delete form.dataset.sent;
  if (!event.detail.xhr.responseText.includes("data-error-summary")) {
    for (const each of [tab, ...used]) localStorage.removeItem(ownPrefix(form) + each);
    drop([tab, ...used]);
    show(form, "");
  }
}

function keepUnkept() {
  for (const form of document.querySelectorAll("form[data-autosave-key][data-unkept]")) {
    keep(form);
    send(form);
  }
}

const beginAll = () => document.querySelectorAll("form[data-autosave-key]").forEach(begin);

settleSent();
if (userKey) {
  wipe(`${PREFIX}${userKey}:`);
  putBackAsked().catch(() => {}).finally(beginAll);
  document.addEventListener("input", typed);
  document.addEventListener("change", typed);
  document.addEventListener("giaoban:changed", (event) => keepSoon(event.target));
  document.addEventListener("submit", beforeSending);
  document.addEventListener("htmx:afterRequest", afterAnswer);
  document.addEventListener("htmx:afterSwap", beginAll);
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));
  document.addEventListener("visibilitychange", () => document.hidden && keepUnkept());
  window.addEventListener("pagehide", keepUnkept);
}
