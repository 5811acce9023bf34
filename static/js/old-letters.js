// Text pasted from a document in a TCVN3 or VNI font: the server reads it, the person chooses, the paste goes on.

const ODD = /[\u00a1-\u00ff]/;
const UNICODE = /[\u0102\u0103\u0110\u0111\u0128\u0129\u0168\u0169\u01a0\u01a1\u01af\u01b0\u0300-\u0323\u1ea0-\u1ef9]/;
const MOST_SHOWN = 600;
const token = () => JSON.parse(document.body.getAttribute("hx-headers") ?? "{}")["X-CSRFToken"];
let passing = false;

async function read(text) {
  try {
    const body = new URLSearchParams({ text });
    const answer = await fetch("/doi-chu/", { method: "POST", headers: { "X-CSRFToken": token() }, body });
    return answer.ok ? await answer.json() : {};
  } catch {
    return {}; // no network: pasted as it is
  }
}

// Whoever else listens to pastes sees the chosen text; where nobody does, it goes into the field.
function paste(field, span, text) {
  field.focus();
  field.setSelectionRange(...span);
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  passing = true;
  const event = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
  const isFree = field.dispatchEvent(event);
  passing = false;
  if (!isFree) return;
  field.setRangeText(text, ...span, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function button(words, style, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = `btn ${style}`;
  made.textContent = words;
  made.addEventListener("click", act);
  return made;
}

function ask(field, span, pasted, found) {
  document.querySelector(".old-letters")?.remove();
  const box = document.createElement("div");
  box.className = "grid-notice old-letters";
  box.setAttribute("role", "group");
  const words = document.createElement("p");
  words.textContent = `Chữ vừa dán theo bảng mã ${found.label}. Đổi sang Unicode sẽ thành:`;
  const preview = document.createElement("blockquote");
  preview.textContent = found.text.length > MOST_SHOWN ? `${found.text.slice(0, MOST_SHOWN)}…` : found.text;
  const go = (text) => () => {
    box.remove();
    paste(field, span, text);
  };
  const buttons = document.createElement("p");
  buttons.className = "button-row";
  buttons.append(
    button("Đổi sang Unicode", "btn-primary", go(found.text)),
    button("Giữ như đã dán", "btn-outline-secondary", go(pasted)),
  );
  box.append(words, preview, buttons);
  field.after(box);
  buttons.firstElementChild.focus();
}

document.addEventListener(
  "paste",
  async (event) => {
    const field = event.target;
    if (passing || !field.matches?.("textarea, input[type=text], input[type=search], input:not([type])")) return;
    const pasted = event.clipboardData?.getData("text/plain") ?? "";
    if (!ODD.test(pasted) || UNICODE.test(pasted)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const span = [field.selectionStart, field.selectionEnd];
    const found = await read(pasted);
    if (found.label) ask(field, span, pasted, found);
    else paste(field, span, pasted);
  },
  true,
);
