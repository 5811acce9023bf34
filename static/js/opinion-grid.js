// [data-opinion-grid]: a Django formset typed by keyboard. Enter adds a row that keeps the village and the field;
// a paste of many lines becomes many rows, with undo. Without JavaScript the server's blank rows do.

const totalOf = (grid) => grid.querySelector(`input[name="${grid.dataset.prefix}-TOTAL_FORMS"]`);
const rowsOf = (grid) => [...grid.querySelectorAll("[data-grid-rows] > [data-grid-row]")];
const shownRows = (grid) => rowsOf(grid).filter((row) => !row.hidden);
const textOf = (row) => row.querySelector("[data-grid-text]");

const changed = (grid) => grid.closest("form")?.dispatchEvent(new CustomEvent("giaoban:changed", { bubbles: true }));

function say(grid, text, undo) {
  const place = grid.querySelector("[data-grid-notice]");
  if (!place) return;
  place.textContent = text;
  if (!undo) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-outline-secondary btn-sm ms-2";
  button.textContent = "Hoàn tác";
  button.addEventListener("click", () => {
    undo();
    place.textContent = "Đã hoàn tác.";
  });
  place.append(button);
}

function addRow(grid, after) {
  const total = totalOf(grid);
  const index = Number(total.value);
  const piece = grid.querySelector("template[data-grid-template]").innerHTML.replaceAll("__prefix__", String(index));
  const holder = grid.querySelector("[data-grid-rows]");
  holder.insertAdjacentHTML("beforeend", piece);
  const row = holder.lastElementChild;
  total.value = String(index + 1);
  if (after) copyKept(after, row);
  row.dispatchEvent(new CustomEvent("giaoban:added", { bubbles: true }));
  return row;
}

function copyKept(from, to) {
  const sources = [...from.querySelectorAll("[data-grid-keep]")];
  [...to.querySelectorAll("[data-grid-keep]")].forEach((field, i) => {
    if (!sources[i]) return;
    if (field.options && ![...field.options].some((option) => option.value === sources[i].value)) {
      field.add(new Option(sources[i].selectedOptions[0]?.text ?? "", sources[i].value));
    }
    field.value = sources[i].value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

function removeRow(grid, row) {
  const mark = row.querySelector("input[name$='-DELETE']");
  const keptText = textOf(row)?.value.trim();
  if (mark) mark.checked = true;
  else if (textOf(row)) textOf(row).value = "";
  row.hidden = true;
  changed(grid);
  say(grid, keptText ? `Đã bỏ dòng “${keptText.slice(0, 40)}${keptText.length > 40 ? "…" : ""}”.` : "Đã bỏ một dòng.", () => {
    if (mark) mark.checked = false;
    else if (textOf(row)) textOf(row).value = keptText;
    row.hidden = false;
    changed(grid);
  });
  (shownRows(grid).at(-1)?.querySelector("[data-grid-text]") ?? grid.querySelector("[data-grid-add]"))?.focus();
}

function nextRow(grid, row) {
  const rows = shownRows(grid);
  const following = rows[rows.indexOf(row) + 1];
  const target = following && !textOf(following).value.trim() ? following : addRow(grid, row);
  if (target === following) fillIfEmpty(row, following);
  textOf(target).focus();
  changed(grid);
}

function fillIfEmpty(from, to) {
  const fields = [...to.querySelectorAll("[data-grid-keep]")];
  if (fields.every((field) => !field.value)) copyKept(from, to);
}

const linesOf = (text) =>
  text
    .split(/\r?\n/)
    .map((line) => line.replace(/^\s*(?:[-–•*+]|\d{1,3}[.)/])\s+/, "").trim())
    .filter(Boolean);

function spread(event, grid, row) {
  const lines = linesOf(event.clipboardData?.getData("text/plain") ?? "");
  if (lines.length < 2) return;
  event.preventDefault();
  const field = textOf(row);
  const before = field.value;
  field.value = `${before.slice(0, field.selectionStart)}${lines[0]}${before.slice(field.selectionEnd)}`;
  const made = lines.slice(1).map((line) => {
    const each = addRow(grid, row);
    textOf(each).value = line;
    return each;
  });
  textOf(made.at(-1)).focus();
  changed(grid);
  say(grid, `Đã tách thành ${lines.length} ý kiến, mỗi dòng một ý kiến.`, () => {
    field.value = before;
    for (const each of made) {
      const mark = each.querySelector("input[name$='-DELETE']");
      if (mark) mark.checked = true;
      textOf(each).value = "";
      each.hidden = true;
    }
    field.focus();
    changed(grid);
  });
}

document.addEventListener("click", (event) => {
  const grid = event.target.closest("[data-opinion-grid]");
  if (!grid) return;
  if (event.target.closest("[data-grid-add]")) {
    const row = addRow(grid, shownRows(grid).at(-1));
    textOf(row).focus();
    changed(grid);
  }
  if (event.target.closest("[data-grid-remove]")) removeRow(grid, event.target.closest("[data-grid-row]"));
});
document.addEventListener("keydown", (event) => {
  const field = event.target.closest?.("[data-opinion-grid] [data-grid-text]");
  if (!field || event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  if (field.value.trim()) nextRow(field.closest("[data-opinion-grid]"), field.closest("[data-grid-row]"));
});
document.addEventListener("paste", (event) => {
  const field = event.target.closest?.("[data-opinion-grid] [data-grid-text]");
  if (field) spread(event, field.closest("[data-opinion-grid]"), field.closest("[data-grid-row]"));
});
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-opinion-grid] input[name$='-DELETE']")) return;
  event.target.closest("[data-grid-row]").hidden = event.target.checked;
});
// A draft that is put back asks for as many rows as it had.
document.addEventListener("giaoban:rows", (event) => {
  for (const grid of event.target.querySelectorAll("[data-opinion-grid]")) {
    const wanted = event.detail[`${grid.dataset.prefix}-TOTAL_FORMS`] ?? 0;
    while (Number(totalOf(grid).value) < Math.min(wanted, 500)) addRow(grid);
  }
});
