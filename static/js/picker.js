// select[data-picker], select[data-unit-picker]: a search box over the options that ignores accents;
// with data-url the options come from the server (JSON list of {value, label, hint}). The select stays the field.
// input[data-suggest]: free text with the same list, its proposals read from the datalist of that id.

const LIMIT = 50;
let number = 0;

const fold = (text) =>
  text.replace(/[Đđ]/g, "d").normalize("NFD").replace(/\p{M}/gu, "").replace(/\s+/g, " ").trim().toLowerCase();

// What has every typed word, wherever it stands; whole words before parts of words ("khu 1" before "khu 10").
function matching(found, asked) {
  const words = asked.split(/[\s,;.–-]+/).filter(Boolean);
  const rated = found.map((each) => {
    const text = fold(`${each.label} ${each.hint}`);
    const whole = new Set(text.split(/[\s,;.()–-]+/));
    return { each, fits: words.every((word) => text.includes(word)), whole: words.filter((word) => whole.has(word)).length };
  });
  return rated.filter((one) => one.fits).sort((a, b) => b.whole - a.whole).map((one) => one.each);
}

class Picker {
  constructor(select) {
    this.select = select;
    this.id = `picker-${++number}`;
    this.found = [];
    this.at = -1;
    this.build();
    this.listen();
    this.showChosen();
  }

  build() {
    this.box = document.createElement("div");
    this.box.className = "picker";
    this.input = document.createElement("input");
    const empty = [...this.select.options].find((option) => option.value === "")?.text.trim();
    const placeholder = !empty || /^-+$/.test(empty) || this.select.dataset.url ? "Gõ để tìm" : empty;
    Object.assign(this.input, { type: "text", autocomplete: "off", className: "form-control", placeholder });
    for (const name of ["aria-describedby", "aria-invalid", "aria-label"]) {
      if (this.select.hasAttribute(name)) this.input.setAttribute(name, this.select.getAttribute(name));
    }
    if (this.select.classList.contains("is-invalid")) this.input.classList.add("is-invalid");
    this.makeList();
    this.select.before(this.box);
    this.box.append(this.input, this.list, this.select);
    const label = this.select.labels?.[0];
    if (label) {
      this.input.id = `${this.id}-input`;
      label.htmlFor = this.input.id;
      this.list.setAttribute("aria-label", label.textContent.trim());
    }
    this.select.hidden = true;
  }

  makeList() {
    this.list = document.createElement("ul");
    Object.assign(this.list, { id: this.id, className: "picker-list", hidden: true });
    this.list.setAttribute("role", "listbox");
    const roles = { role: "combobox", "aria-expanded": "false", "aria-controls": this.id, "aria-autocomplete": "list" };
    for (const [name, value] of Object.entries(roles)) this.input.setAttribute(name, value);
  }

  listen() {
    this.input.addEventListener("input", () => this.searchSoon());
    this.input.addEventListener("focus", () => this.input.select());
    this.input.addEventListener("click", () => this.list.hidden && this.search(""));
    this.input.addEventListener("keydown", (event) => this.press(event));
    this.input.addEventListener("blur", () => setTimeout(() => this.leave(), 150));
    this.list.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const item = event.target.closest("li[data-index]");
      if (item) this.choose(Number(item.dataset.index));
    });
    this.select?.addEventListener("change", () => this.showChosen());
  }

  showChosen() {
    const option = this.select.selectedOptions[0];
    this.input.value = option?.value ? option.text.trim() : "";
  }

  searchSoon() {
    clearTimeout(this.timer);
    this.isTyped = true;
    if (!this.select?.dataset.url) this.search(this.input.value);
    else this.timer = setTimeout(() => this.search(this.input.value), 250);
  }

  async search(text) {
    const asked = fold(text);
    this.asked = asked;
    if (!this.select?.dataset.url || !asked) return this.open(this.local(asked));
    const found = await this.remote(text);
    if (this.asked === asked) this.open(found);
  }

  local(asked) {
    const options = [...this.select.options].filter((option) => option.value);
    const rows = options.map((option) => ({
      value: option.value,
      label: option.text.trim(),
      hint: option.dataset.hint || option.closest("optgroup")?.label || "",
    }));
    return matching(rows, asked);
  }

  async remote(text) {
    const address = new URL(this.select.dataset.url, location.href);
    address.searchParams.set("q", text);
    try {
      const answer = await fetch(address, { headers: { Accept: "application/json" } });
      return answer.ok ? await answer.json() : [];
    } catch {
      return this.local(fold(text));
    }
  }

  open(found) {
    this.found = found.slice(0, LIMIT);
    this.at = this.firstAt();
    this.list.replaceChildren(...this.found.map((each, index) => this.item(each, index)));
    if (!found.length) this.list.append(this.note("Không thấy. Thử gõ ít chữ hơn."));
    if (found.length > LIMIT) this.list.append(this.note(`Còn ${found.length - LIMIT} kết quả nữa, gõ thêm để thu hẹp.`));
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.mark();
  }

  // Typing proposes the first one found; an opened list begins at what is chosen.
  firstAt() {
    if (this.isTyped) return this.found.length && this.input.value ? 0 : -1;
    return this.found.findIndex((each) => String(each.value) === this.select.value);
  }

  item(each, index) {
    const item = document.createElement("li");
    item.id = `${this.id}-${index}`;
    item.dataset.index = String(index);
    item.setAttribute("role", "option");
    item.textContent = each.label;
    if (each.hint) {
      const hint = document.createElement("span");
      hint.className = "picker-hint";
      hint.textContent = each.hint;
      item.append(hint);
    }
    return item;
  }

  note(text) {
    const item = document.createElement("li");
    item.setAttribute("role", "option");
    item.setAttribute("aria-disabled", "true");
    item.textContent = text;
    return item;
  }

  mark() {
    [...this.list.children].forEach((item, index) => item.setAttribute("aria-selected", String(index === this.at)));
    const item = this.list.children[this.at];
    if (item) this.input.setAttribute("aria-activedescendant", item.id);
    else this.input.removeAttribute("aria-activedescendant");
    item?.scrollIntoView({ block: "nearest" });
  }

  press(event) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (this.list.hidden) return this.search("");
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.at = this.at < 0 && step < 0 ? this.found.length - 1 : (this.at + step) % Math.max(this.found.length, 1);
      if (this.at < 0) this.at = this.found.length - 1;
      this.isTyped = true;
      this.mark();
    } else if (event.key === "Enter" && !this.list.hidden) {
      if (this.at < 0 && !this.select) return this.close();
      event.preventDefault();
      if (this.at >= 0) this.choose(this.at);
    } else if (event.key === "Tab" && !this.list.hidden && this.isTyped && this.at >= 0) {
      this.choose(this.at);
    } else if (event.key === "Escape" && !this.list.hidden) {
      event.preventDefault();
      this.close();
      this.showChosen();
    }
  }

  choose(index) {
    const each = this.found[index];
    if (!each) return;
    if (![...this.select.options].some((option) => option.value === String(each.value))) {
      this.select.add(new Option(each.label, each.value));
    }
    this.select.value = String(each.value);
    this.select.dispatchEvent(new Event("change", { bubbles: true }));
    this.close();
  }

  leave() {
    if (this.list.hidden && this.input.value) return this.showChosen();
    this.close();
    if (!this.input.value && [...this.select.options].some((option) => option.value === "")) {
      if (this.select.value) {
        this.select.value = "";
        this.select.dispatchEvent(new Event("change", { bubbles: true }));
      }
      return;
    }
    this.showChosen();
  }

  close() {
    clearTimeout(this.timer);
    this.asked = null;
    this.isTyped = false;
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}

// The field itself is typed in; what is not in the list stays as it was typed.
class Suggester extends Picker {
  build() {
    this.input = this.select;
    this.select = null;
    this.source = document.getElementById(this.input.dataset.suggest);
    this.input.removeAttribute("list");
    this.input.autocomplete = "off";
    this.box = document.createElement("div");
    this.box.className = "picker";
    this.makeList();
    this.input.before(this.box);
    this.box.append(this.input, this.list);
    this.list.setAttribute("aria-label", this.input.labels?.[0]?.textContent.trim() ?? "");
  }

  showChosen() {}

  local(asked) {
    const options = [...(this.source?.options ?? [])].map((option) => ({
      value: option.value,
      label: option.value,
      hint: option.label === option.value ? "" : option.label,
    }));
    return matching(options, asked);
  }

  open(found) {
    if (found.length) super.open(found);
    else this.close();
  }

  // [data-suggest-first]: typing proposes the first one found, as a select's picker does.
  firstAt() {
    return "suggestFirst" in this.input.dataset && this.isTyped && this.found.length && this.input.value ? 0 : -1;
  }

  choose(index) {
    if (!this.found[index]) return;
    this.input.value = this.found[index].value;
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
    this.close();
  }

  leave() {
    this.close();
  }
}

function begin(root) {
  for (const input of root.querySelectorAll("input[data-suggest]")) {
    if (input.dataset.pickerReady) continue;
    input.dataset.pickerReady = "1";
    new Suggester(input);
  }
  for (const select of root.querySelectorAll("select[data-picker], select[data-unit-picker]")) {
    if (select.dataset.pickerReady || select.multiple || select.closest("template")) continue;
    select.dataset.pickerReady = "1";
    new Picker(select);
  }
}

begin(document);
document.addEventListener("htmx:afterSwap", () => begin(document));
document.addEventListener("giaoban:added", (event) => begin(event.target));
