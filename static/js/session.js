// The idle clock: a person's key or touch renews it, polling never does. When it runs out, the page covers itself.

const SEEN = "giaoban-seen";
const IDLE = Number(document.body.dataset.idleSeconds || 1800) * 1000;
const TELL_EVERY = 5 * 60 * 1000;
const NOTE_EVERY = 5 * 1000;
let noted = 0;
let told = Date.now();

const token = () => JSON.parse(document.body.getAttribute("hx-headers") ?? "{}")["X-CSRFToken"];
const seenAt = () => Number(localStorage.getItem(SEEN) ?? Date.now());

function cover() {
  if (document.querySelector(".session-cover[open]")) return;
  const here = location.pathname + location.search;
  const dialog = document.createElement("dialog");
  dialog.className = "session-cover";
  dialog.setAttribute("aria-labelledby", "session-cover-title");
  const title = document.createElement("h1");
  title.id = "session-cover-title";
  title.textContent = "Phiên làm việc đã hết";
  const words = document.createElement("p");
  words.textContent = "Trang được che lại vì lâu không có thao tác. Bản nháp đang nhập vẫn giữ trên máy này; đăng nhập lại bằng chính tài khoản đó để làm tiếp.";
  const way = document.createElement("p");
  const link = document.createElement("a");
  link.className = "btn btn-primary";
  link.href = `/dang-nhap/?next=${encodeURIComponent(here)}`;
  link.textContent = "Đăng nhập lại";
  way.append(link);
  dialog.append(title, words, way);
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  document.body.append(dialog);
  dialog.showModal();
}

async function tellServer() {
  told = Date.now();
  try {
    const answer = await fetch("/phien/", { method: "POST", headers: { "X-CSRFToken": token() }, redirect: "manual" });
    if (answer.type === "opaqueredirect" || answer.status === 403) cover();
  } catch {
    told = 0; // no network: told again at the next key
  }
}

function act() {
  const now = Date.now();
  if (now - noted < NOTE_EVERY) return;
  if (now - seenAt() > IDLE) {
    cover();
    return;
  }
  noted = now;
  localStorage.setItem(SEEN, String(now));
  if (now - told > TELL_EVERY) tellServer();
}

if (document.body.dataset.userKey) {
  localStorage.setItem(SEEN, String(Date.now()));
  for (const name of ["keydown", "pointerdown", "touchstart"]) document.addEventListener(name, act, { passive: true });
  setInterval(() => Date.now() - seenAt() > IDLE && cover(), 15 * 1000);
}
