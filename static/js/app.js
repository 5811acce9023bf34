// Small comforts of every page. Everything here only enhances: the pages work without it.

const once = (element, mark) => {
  if (element.dataset[mark]) return false;
  element.dataset[mark] = "1";
  return true;
};

const announce = (text) => {
  const place = document.getElementById("announce");
  if (place) place.textContent = text;
};

const warn = (text) => {
  const main = document.getElementById("main");
  if (!main) return;
  main.querySelector("[data-warning]")?.remove();
  const box = document.createElement("p");
  box.className = "message message-error";
  box.setAttribute("role", "alert");
  box.dataset.warning = "";
  box.textContent = text;
  main.prepend(box);
  box.scrollIntoView({ block: "nearest" });
};

function focusErrors(root) {
  const summary = root.querySelector("[data-error-summary]");
  if (!summary || !once(summary, "seen")) return;
  if (!document.title.startsWith("Lỗi: ")) document.title = `Lỗi: ${document.title}`;
  summary.focus();
}

// A jump to a part of the page ends in the field where one goes on.
const isToFill = (field) => field.offsetParent && !field.value;

function goToField(event) {
  const link = event.target.closest("[data-error-summary] a[href^='#'], [data-jump] a[href^='#']");
  const field = link && document.getElementById(link.hash.slice(1));
  if (!field) return;
  event.preventDefault();
  const first = field.dataset.jumpField && [...field.querySelectorAll(field.dataset.jumpField)].find(isToFill);
  if (first) return first.focus();
  const fold = field.closest("details:not([open])");
  if (fold) fold.open = true;
  const visible = field.closest(".picker")?.querySelector("input") ?? field;
  (visible.closest(".field") ?? visible).scrollIntoView({ block: visible.matches("section") ? "start" : "center" });
  visible.focus({ preventScroll: true });
}

// Our own messages, in Vietnamese and with a way out, instead of the browser's bubbles.
function prepareForms(root) {
  for (const form of root.querySelectorAll("form[method='post']")) form.noValidate = true;
}

// form[data-ctrl-enter]: Ctrl+Enter saves from any field.
function sendByKey(event) {
  if (event.key !== "Enter" || !event.ctrlKey || event.isComposing) return;
  const form = event.target.closest?.("form[data-ctrl-enter]");
  if (!form) return;
  event.preventDefault();
  form.requestSubmit();
}

// A second click does nothing; Back and a slow answer give the button back.
function sendOnce(event) {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || "resubmit" in form.dataset) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  event.submitter?.setAttribute("aria-disabled", "true");
  setTimeout(() => release(form), 15000);
}

function release(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("[aria-disabled='true']")) button.removeAttribute("aria-disabled");
}

function dropEmptyValues(event) {
  if (!event.target.matches("form[data-autosubmit]")) return;
  const data = event.formData;
  for (const [name, value] of [...data.entries()]) {
    if (value === "" && data.getAll(name).every((each) => each === "")) data.delete(name);
  }
}

// A choice is followed by itself where htmx does not do it.
function submitOnChange(event) {
  const form = event.target.form;
  if (form?.matches("form[data-autosubmit]") && !(window.htmx && form.matches("[hx-get]"))) form.requestSubmit();
}

function foldFilters(root) {
  if (!window.matchMedia("(max-width: 576px)").matches) return;
  for (const box of root.querySelectorAll("details[data-filters]")) {
    if (once(box, "folded") && !box.querySelector(".field-error")) box.open = false;
  }
}

function toggleNavigation(button) {
  const isOpen = button.getAttribute("aria-expanded") === "true";
  button.setAttribute("aria-expanded", String(!isOpen));
  button.closest(".site-header").classList.toggle("nav-open", !isOpen);
}

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(except)) menu.open = false;
  }
}

function tickAll(box) {
  const scope = box.form ?? document;
  for (const each of scope.querySelectorAll(`input[type='checkbox'][name='${CSS.escape(box.dataset.checkAll)}']`)) {
    each.checked = box.checked;
  }
}

function countTicks(root) {
  for (const place of root.querySelectorAll("[data-check-count]")) {
    const name = place.dataset.checkCount;
    const ticked = (place.closest("form") ?? document).querySelectorAll(`input[name='${CSS.escape(name)}']:checked`);
    place.textContent = String(ticked.length);
  }
}

function refuseNothingTicked(event) {
  const button = event.submitter;
  const name = button?.dataset.needsCheck;
  if (!name || event.target.querySelector(`input[name='${CSS.escape(name)}']:checked`)) return;
  event.preventDefault();
  warn("Chưa chọn dòng nào. Đánh dấu ít nhất một dòng rồi bấm lại.");
}

function whenSwapped(event) {
  prepare(event.target.isConnected ? event.target : document);
  const main = document.getElementById("main");
  if (event.target.id === "main" && main?.dataset.total) announce(`Có ${Number(main.dataset.total).toLocaleString("vi")} kết quả`);
}

function prepare(root) {
  focusErrors(root);
  prepareForms(root);
  foldFilters(root);
  countTicks(root);
}

document.addEventListener("click", (event) => {
  goToField(event);
  closeMenus(event.target);
  const button = event.target.closest("[data-nav-toggle], [data-print]");
  if (button?.matches("[data-nav-toggle]")) toggleNavigation(button);
  if (button?.matches("[data-print]")) window.print();
});
document.addEventListener("keydown", (event) => {
  sendByKey(event);
  if (event.key !== "Escape") return;
  const open = document.querySelector("details[data-menu][open]");
  if (open) {
    open.open = false;
    open.querySelector("summary").focus();
  }
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-check-all]")) tickAll(event.target);
  countTicks(document);
  submitOnChange(event);
});
document.addEventListener("submit", refuseNothingTicked);
document.addEventListener("submit", sendOnce);
document.addEventListener("formdata", dropEmptyValues);
window.addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form[data-sent]").forEach(release);
});

let opened = [];
window.addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("main details:not([open], .no-print)")];
  for (const fold of opened) fold.open = true;
});
window.addEventListener("afterprint", () => {
  for (const fold of opened) fold.open = false;
});

document.addEventListener("htmx:afterSwap", whenSwapped);
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest?.("form");
  if (form) release(form);
});
document.addEventListener("htmx:sendError", () => {
  warn("Chưa gửi được vì mất kết nối. Nội dung vừa nhập vẫn còn trên trang; mời kiểm tra mạng rồi gửi lại.");
});
document.addEventListener("htmx:responseError", (event) => {
  const answer = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
  const said = answer.querySelector("[role='alert']")?.textContent.trim().replace(/\s+/g, " ");
  warn(said || "Hệ thống chưa làm được việc này. Mời tải lại trang rồi thử lại.");
});

prepare(document);
