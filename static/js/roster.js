// [data-roster]: "tất cả có mặt", a live count, details only for those who are not there, and the keyboard:
// the whole list is one Tab stop; arrows walk it, a letter or a digit marks a person, Enter goes on, "/" finds by name.

const LETTERS = { c: "present", p: "excused", k: "absent", t: "substituted" };
const STATE = "input[data-roster-state]";

const fold = (text) =>
  text.replace(/[Đđ]/g, "d").normalize("NFD").replace(/\p{M}/gu, "").replace(/\s+/g, " ").trim().toLowerCase();
const rowsOf = (roster) => [...roster.querySelectorAll("[data-roster-row]")];
const shownRows = (roster) => rowsOf(roster).filter((row) => !row.hidden);
const radiosOf = (row) => [...row.querySelectorAll(STATE)];
const radioOf = (row) => radiosOf(row).find((radio) => radio.checked) ?? radiosOf(row)[0];
const finderOf = (roster) => roster.querySelector("[data-roster-find]");

const valueOf = (row) => {
  const field = row.querySelector("select[data-roster-state], input[data-roster-state]:checked");
  return field ? field.value : "";
};

function refresh(roster) {
  const counted = (roster.dataset.counted || roster.dataset.present).split(" ");
  const rows = rowsOf(roster);
  let present = 0;
  for (const row of rows) {
    const value = valueOf(row);
    if (counted.includes(value)) present += 1;
    row.classList.toggle("roster-away", Boolean(value) && value !== roster.dataset.present);
    for (const detail of row.querySelectorAll("[data-roster-detail]")) {
      detail.hidden = !value || value === roster.dataset.present;
    }
    for (const part of row.querySelectorAll("[data-roster-for]")) {
      part.hidden = !part.dataset.rosterFor.split(" ").includes(value) && !part.querySelector("input").value;
    }
  }
  for (const place of roster.querySelectorAll("[data-roster-count]")) place.textContent = `${present}/${rows.length}`;
}

function setAll(roster) {
  for (const row of rowsOf(roster)) {
    const select = row.querySelector("select[data-roster-state]");
    const radio = row.querySelector(`input[data-roster-state][value="${CSS.escape(roster.dataset.present)}"]`);
    if (select) select.value = roster.dataset.present;
    if (radio) radio.checked = true;
  }
  changed(roster);
}

function changed(roster) {
  refresh(roster);
  roster.closest("form")?.dispatchEvent(new CustomEvent("giaoban:changed", { bubbles: true }));
}

// One row of the list takes the Tab key; its details, when shown, follow it as usual.
function settle(roster, row) {
  for (const radio of roster.querySelectorAll(STATE)) radio.tabIndex = row.contains(radio) ? 0 : -1;
}

function goTo(roster, row) {
  if (!row) return;
  settle(roster, row);
  radioOf(row)?.focus();
}

function mark(roster, row, value) {
  const radio = radiosOf(row).find((each) => each.value.toLowerCase() === value);
  if (!radio) return;
  radio.checked = true;
  radio.focus();
  changed(roster);
}

function goOn(roster, row) {
  const finder = finderOf(roster);
  if (finder?.value) {
    finder.focus();
    finder.select();
    return;
  }
  const rows = shownRows(roster);
  goTo(roster, rows[Math.min(rows.indexOf(row) + 1, rows.length - 1)]);
}

function pressInRow(event, roster, row) {
  const rows = shownRows(roster);
  const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -rows.length, End: rows.length };
  const key = event.key.toLowerCase();
  if (event.key in steps) {
    const at = rows.indexOf(row) + steps[event.key];
    goTo(roster, rows[Math.max(0, Math.min(at, rows.length - 1))]);
  } else if (event.key === "Enter") {
    const detail = [...row.querySelectorAll("[data-roster-detail]:not([hidden]) input")].find((field) => field.offsetParent);
    if (detail) detail.focus();
    else goOn(roster, row);
  } else if (key in LETTERS) mark(roster, row, LETTERS[key]);
  else if (/^[1-9]$/.test(key)) mark(roster, row, radiosOf(row)[Number(key) - 1]?.value.toLowerCase());
  else if (key === "/" && finderOf(roster)) finderOf(roster).focus();
  else return;
  event.preventDefault();
}

function pressInFinder(event, roster) {
  if (event.key === "Enter" || event.key === "ArrowDown") goTo(roster, shownRows(roster)[0]);
  else if (event.key === "Escape" && event.target.value) showAll(roster);
  else return;
  event.preventDefault();
}

function press(event) {
  const roster = event.target.closest?.("[data-roster]");
  if (!roster || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
  const row = event.target.closest("[data-roster-row]");
  if (event.target.matches("[data-roster-find]")) pressInFinder(event, roster);
  else if (row && event.target.matches(STATE)) pressInRow(event, roster, row);
  else if (row && event.key === "Enter" && event.target.matches("input")) {
    event.preventDefault();
    goOn(roster, row);
  }
}

function find(roster) {
  const words = fold(finderOf(roster).value).split(" ");
  for (const row of rowsOf(roster)) {
    const text = ` ${fold(row.querySelector("[data-roster-who]")?.textContent ?? "")}`;
    row.hidden = !words.every((word) => text.includes(` ${word}`));
  }
  const note = roster.querySelector("[data-roster-found]");
  if (note) note.textContent = shownRows(roster).length ? "" : "Không thấy ai. Thử gõ ít chữ hơn.";
}

function showAll(roster) {
  const finder = finderOf(roster);
  if (!finder) return;
  finder.value = "";
  find(roster);
}

// [data-mode="…"] folds follow the choice of how attendance is written down.
function followMode(field) {
  const folds = [...(field.form?.querySelectorAll("details[data-mode]") ?? [])];
  if (!folds.some((fold) => fold.dataset.mode === field.value)) return;
  for (const fold of folds) fold.open = fold.dataset.mode === field.value;
}

function begin(roster) {
  refresh(roster);
  const first = rowsOf(roster)[0];
  if (first && !roster.contains(document.activeElement)) settle(roster, first);
}

const beginAll = () => document.querySelectorAll("[data-roster]").forEach(begin);

document.addEventListener("change", (event) => {
  if (event.target.matches("[name$='attendance_mode']")) followMode(event.target);
  const roster = event.target.closest("[data-roster]");
  if (roster) refresh(roster);
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-roster-all]");
  if (button) setAll(button.closest("[data-roster]"));
});
document.addEventListener("keydown", press);
document.addEventListener("input", (event) => {
  if (event.target.matches("[data-roster-find]")) find(event.target.closest("[data-roster]"));
});
document.addEventListener("focusin", (event) => {
  const row = event.target.closest("[data-roster-row]");
  if (row && event.target.matches(STATE)) settle(row.closest("[data-roster]"), row);
});
document.addEventListener("focusout", (event) => {
  const roster = event.target.closest?.("[data-roster]");
  if (roster && event.relatedTarget && !roster.contains(event.relatedTarget)) showAll(roster);
});
beginAll();
document.addEventListener("htmx:afterSwap", beginAll);
