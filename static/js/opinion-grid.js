// [data-opinion-grid]: a Django formset typed by keyboard. Enter goes to a new row that keeps the village and the field;
// a paste of many lines is shown first, then becomes many rows, with undo. Without JavaScript the server's blank rows do.

const MOST_SHOWN = 12;
const fold = (text) =>
  text.replace(/[\u00ad\u200b-\u200f\u2060\ufeff]/g, "").replace(/[ĐđÐð]/g, "d").normalize("NFD").replace(/\p{M}/gu, "").replace(/\s+/g, " ").trim().toLowerCase();

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
  const act = () => {
    undo();
    place.textContent = "Đã hoàn tác.";
  };
  place.append(button("Hoàn tác", "btn-outline-secondary btn-sm ms-2", act));
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

// "Thôn Đông: đề nghị…" belongs to Thôn Đông when the grid has one place of that name; above the commune
// "Khu 1 Hà Khánh: …" does by its words. A name that may mean several places stays in the text.
function placed(line, row) {
  const mark = line.match(/^([^:]{2,80}):\s+(\S.*)$/s);
  if (!mark) return { text: line };
  const places = placesOf(row).map((each) => ({ value: each.value, name: each.text.trim() || each.value }));
  const asked = wordsOf(mark[1]);
  const whole = places.filter((each) => wordsOf(each.name).join(" ") === asked.join(" "));
  const isTyped = row.querySelector("[data-grid-field] input[data-suggest]");
  const partly = isTyped ? places.filter((each) => hasWords(wordsOf(each.name), asked)) : [];
  const found = whole.length ? whole : partly;
  return found.length === 1 ? { text: mark[2], place: found[0].value, name: found[0].name } : { text: line };
}

const wordsOf = (text) => fold(text).split(/[^a-z0-9]+/).filter(Boolean);

function hasWords(all, asked) {
  const left = [...all];
  return asked.every((word) => left.includes(word) && left.splice(left.indexOf(word), 1));
}

function placesOf(row) {
  const typed = row.querySelector("[data-grid-field] input[data-suggest]");
  const options = typed
    ? document.getElementById(typed.dataset.suggest)?.options
    : row.querySelector("[data-grid-field] select")?.options;
  return [...(options ?? [])].filter((each) => each.value);
}

function fillRow(row, line) {
  textOf(row).value = line.text;
  if (!line.place) return;
  const places = row.querySelector("[data-grid-field] :is(input[data-suggest], select)");
  places.value = line.place;
  places.dispatchEvent(new Event("change", { bubbles: true }));
}

function offerSpread(event, grid, row) {
  const pasted = event.clipboardData?.getData("text/plain") ?? "";
  const lines = linesOf(pasted).map((line) => placed(line, row));
  const place = grid.querySelector("[data-grid-notice]");
  if (lines.length < 2 || !place) return;
  event.preventDefault();
  const field = textOf(row);
  const span = [field.selectionStart, field.selectionEnd];
  const into = (text) => field.setRangeText(text, ...span, "end");
  const done = (act) => {
    place.replaceChildren();
    act();
    changed(grid);
  };
  const words = document.createElement("p");
  words.textContent = `Vừa dán ${lines.length} dòng. Xem trước:`;
  const list = document.createElement("ol");
  list.append(...lines.slice(0, MOST_SHOWN).map(shown));
  const rest = document.createElement("p");
  rest.textContent = lines.length > MOST_SHOWN ? `và ${lines.length - MOST_SHOWN} dòng nữa` : "";
  const buttons = document.createElement("p");
  buttons.className = "button-row";
  buttons.append(
    button(`Tách thành ${lines.length} ý kiến`, "btn-primary", () => done(() => spread(grid, row, lines))),
    button("Để chung một ý kiến", "btn-outline-secondary", () => done(() => keepTogether(field, into, pasted))),
    button("Không dán", "btn-outline-secondary", () => done(() => field.focus())),
  );
  place.replaceChildren(words, list, rest, buttons);
  buttons.addEventListener("keydown", (pressed) => {
    if (pressed.key === "Escape") done(() => field.focus());
  });
  buttons.firstElementChild.focus();
}

function shown(line) {
  const item = document.createElement("li");
  item.textContent = line.name ? `${line.name}: ${line.text}` : line.text;
  return item;
}

function button(text, style, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = `btn ${style}`;
  made.textContent = text;
  made.addEventListener("click", act);
  return made;
}

function keepTogether(field, into, pasted) {
  into(pasted.trim());
  field.focus();
}

function spread(grid, row, lines) {
  const field = textOf(row);
  const before = field.value;
  const isBlank = (each) => !textOf(each).value.trim();
  const rows = shownRows(grid);
  const blank = rows.slice(rows.indexOf(row)).filter(isBlank).slice(0, lines.length);
  for (const each of blank) fillIfEmpty(row, each);
  const made = lines.slice(blank.length).map(() => addRow(grid, row));
  [...blank, ...made].forEach((each, index) => fillRow(each, lines[index]));
  textOf([...blank, ...made].at(-1)).focus();
  say(grid, `Đã tách thành ${lines.length} ý kiến, mỗi dòng một ý kiến. Chọn lĩnh vực cho từng ý kiến.`, () => {
    for (const each of blank) textOf(each).value = "";
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
  const row = event.target.closest?.("[data-opinion-grid] [data-grid-row]");
  if (!row || event.key !== "Enter" || event.shiftKey || event.ctrlKey || event.isComposing || event.defaultPrevented) return;
  if (!event.target.matches("input, [data-grid-text]")) return;
  event.preventDefault();
  if (textOf(row).value.trim()) nextRow(row.closest("[data-opinion-grid]"), row);
});
document.addEventListener("paste", (event) => {
  const field = event.target.closest?.("[data-opinion-grid] [data-grid-text]");
  if (field) offerSpread(event, field.closest("[data-opinion-grid]"), field.closest("[data-grid-row]"));
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
