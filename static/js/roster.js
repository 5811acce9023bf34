// [data-roster]: "tất cả có mặt", a live count, and details only for those who are not there.

const valueOf = (row) => {
  const field = row.querySelector("select[data-roster-state], input[data-roster-state]:checked");
  return field ? field.value : "";
};

function refresh(roster) {
  const counted = (roster.dataset.counted || roster.dataset.present).split(" ");
  const rows = [...roster.querySelectorAll("[data-roster-row]")];
  let present = 0;
  for (const row of rows) {
    const value = valueOf(row);
    if (counted.includes(value)) present += 1;
    for (const detail of row.querySelectorAll("[data-roster-detail]")) {
      detail.hidden = !value || value === roster.dataset.present;
    }
  }
  for (const place of roster.querySelectorAll("[data-roster-count]")) place.textContent = `${present}/${rows.length}`;
}

function setAll(roster) {
  for (const row of roster.querySelectorAll("[data-roster-row]")) {
    const select = row.querySelector("select[data-roster-state]");
    const radio = row.querySelector(`input[data-roster-state][value="${CSS.escape(roster.dataset.present)}"]`);
    if (select) select.value = roster.dataset.present;
    if (radio) radio.checked = true;
  }
  refresh(roster);
  const form = roster.closest("form");
  form?.dispatchEvent(new CustomEvent("giaoban:changed", { bubbles: true }));
}

// [data-mode="…"] folds follow the choice of how attendance is written down.
function followMode(field) {
  const folds = [...(field.form?.querySelectorAll("details[data-mode]") ?? [])];
  if (!folds.some((fold) => fold.dataset.mode === field.value)) return;
  for (const fold of folds) fold.open = fold.dataset.mode === field.value;
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[name$='attendance_mode']")) followMode(event.target);
  const roster = event.target.closest("[data-roster]");
  if (roster) refresh(roster);
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-roster-all]");
  if (button) setAll(button.closest("[data-roster]"));
});
document.querySelectorAll("[data-roster]").forEach(refresh);
document.addEventListener("htmx:afterSwap", () => document.querySelectorAll("[data-roster]").forEach(refresh));
