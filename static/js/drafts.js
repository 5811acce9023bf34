// Drafts of form[data-autosave-key], kept on this machine per user until the server has them.
// Wiped at sign-out and when another user signs in; kept through an error, a lost session or a closed lid.

const PREFIX = "giaoban-draft:";
const SENT = "giaoban-sent";
const WAIT = 800;
const NOT_KEPT = new Set(["hidden", "password", "file", "submit", "button", "reset", "image", "search"]);
const userKey = document.body.dataset.userKey;
const timers = new WeakMap();
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

const nameOf = (form) => `${PREFIX}${userKey}:${form.dataset.autosaveKey}`;
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
  return { values, labels, rows, keys: keysOf(form), version: form.elements.version?.value ?? "" };
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

const sameContent = (one, other) =>
  JSON.stringify([one.values, one.rows]) === JSON.stringify([other.values, other.rows]);

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
}

function keepSoon(form) {
  clearTimeout(timers.get(form));
  show(form, "Chưa lưu nháp…");
  timers.set(form, setTimeout(() => keep(form), WAIT));
  form.dataset.unkept = "1";
}

function putBack(form, draft) {
  const left = placeRows(form, draft);
  for (const field of keptFields(form)) {
    const list = left[field.name];
    if (!list) continue;
    if (field.type === "checkbox" || field.type === "radio") field.checked = list.includes(field.value);
    else if (field.multiple) for (const option of field.options) option.selected = list.includes(option.value);
    else putValue(field, list.shift() ?? "", draft.labels ?? {});
    field.dispatchEvent(new Event("change", { bubbles: true }));
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
  words.textContent = `Trên máy còn bản nháp chưa gửi, lưu lúc ${clock(at)} ngày ${dayOf(at)}.${isOlder ? " Sau đó trang này đã được lưu lại; dùng bản nháp thì mời xem kỹ trước khi bấm Lưu." : ""}`;
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
  box.append(
    words,
    button("Dùng bản nháp", "btn-primary", () => {
      putBack(form, draft);
      keep(form);
    }),
    button("Bỏ bản nháp", "btn-outline-secondary", () => {
      localStorage.removeItem(nameOf(form));
      show(form, "");
    }),
  );
  form.prepend(box);
}

// The page after a submit tells whether it arrived: a refusal, a sign-in page, an error of the network or the same form
// with errors keep the draft; only the page the form itself led to (or one that says it is saved) takes it away.
function settleSent() {
  const [sent, from] = (sessionStorage.getItem(SENT) ?? "").split("\n");
  sessionStorage.removeItem(SENT);
  if (!sent || !userKey || "refused" in document.body.dataset) return;
  const sameForm = [...document.querySelectorAll("form[data-autosave-key]")].some((form) => nameOf(form) === sent);
  const saved = document.querySelector(".message-success") && !document.querySelector("[data-error-summary]");
  const cameFromForm = document.referrer && new URL(document.referrer).pathname === from;
  if (saved || (cameFromForm && !sameForm)) localStorage.removeItem(sent);
}

function begin(form) {
  if (form.dataset.draftReady) return;
  form.dataset.draftReady = "1";
  const draft = store.read(nameOf(form));
  if (!draft || document.querySelector("[data-error-summary]")) return;
  if (sameContent(draft, contentOf(form))) localStorage.removeItem(nameOf(form));
  else offer(form, draft);
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
  sessionStorage.setItem(SENT, `${nameOf(form)}\n${location.pathname}`);
}

function afterAnswer(event) {
  const form = event.target.closest?.("form[data-autosave-key]");
  if (!form || !event.detail.successful) return;
  sessionStorage.removeItem(SENT);
  if (!event.detail.xhr.responseText.includes("data-error-summary")) {
    localStorage.removeItem(nameOf(form));
    show(form, "");
  }
}

function keepUnkept() {
  for (const form of document.querySelectorAll("form[data-autosave-key][data-unkept]")) {
    keep(form);
  }
}

const beginAll = () => document.querySelectorAll("form[data-autosave-key]").forEach(begin);

settleSent();
if (userKey) {
  wipe(`${PREFIX}${userKey}:`);
  beginAll();
  document.addEventListener("input", typed);
  document.addEventListener("change", typed);
  document.addEventListener("giaoban:changed", (event) => keepSoon(event.target));
  document.addEventListener("submit", beforeSending);
  document.addEventListener("htmx:afterRequest", afterAnswer);
  document.addEventListener("htmx:afterSwap", beginAll);
  document.addEventListener("visibilitychange", () => document.hidden && keepUnkept());
  window.addEventListener("pagehide", keepUnkept);
}
