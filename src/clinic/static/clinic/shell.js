// The screen that is left alone: says so two minutes before, then keeps what was typed and locks.
// Each page lets this device forget what the clinic has taken meanwhile.
import { settle } from "./kept.js";

const body = document.body;
const minutes = Number(body.dataset.idleMinutes);
const soon = document.querySelector("[data-soon]");
const token = document.querySelector("input[name=csrfmiddlewaretoken]")?.value;

if (minutes && soon && token) {
  settle(token);
  let seen = Date.now();
  let told = 0;
  // The form that was typed into last, whatever it is: also before this script came, and then it is
  // not as it came. Readings are saved one by one and kept by their own page.
  const isReading = (field) => field.closest("[data-exam] [data-row]");
  const isAsItCame = (field) => {
    if (field.type === "hidden" || isReading(field)) return true;
    if (["radio", "checkbox"].includes(field.type)) return field.checked === field.defaultChecked;
    if (!field.options) return field.value === (field.defaultValue ?? field.value);
    const options = [...field.options];
    const comesChosen = field.multiple || options.some((one) => one.defaultSelected);
    return comesChosen ? options.every((one) => one.selected === one.defaultSelected) : field.selectedIndex < 1;
  };
  const forms = [...document.querySelectorAll("main form[method=post]")];
  let typed = forms.findLast((form) => ![...form.elements].every(isAsItCame)) ?? null;
  document.querySelector("main")?.addEventListener("input", (event) => {
    if (event.target.form?.method === "post" && !isReading(event.target)) typed = event.target.form;
  });
  // A session that ended shows nothing any longer, once what was typed is kept; what is kept nowhere,
  // or is on its way, stays.
  let sent = 0;
  addEventListener("submit", () => (sent = Date.now()), true);
  const leave = async () => {
    const keeping = [];
    document.dispatchEvent(new CustomEvent("leaving", { detail: keeping }));
    const isKept = (await Promise.all(keeping)).every(Boolean);
    const keepsItself = !typed?.isConnected || "keeps" in typed.dataset;
    if (isKept && keepsItself && Date.now() - sent > 5000) location.reload();
  };
  const stay = async () => {
    told = Date.now();
    const said = await fetch("/account/stay/", { method: "POST", headers: { "X-CSRFToken": token } });
    if (said.redirected) leave();
  };
  // Not of a page that is being left: the next one tells by itself, and of two requests that write
  // the session in one moment the later would undo what the other wrote, such as a passkey's question.
  let telling = 0;
  const moved = () => {
    seen = Date.now();
    soon.hidden = true;
    if (Date.now() - told <= 60000) return;
    told = seen;
    telling = setTimeout(stay, 1000);
  };
  addEventListener("beforeunload", () => clearTimeout(telling));
  for (const name of ["keydown", "pointerdown"]) addEventListener(name, moved, { passive: true });
  soon.querySelector("button").addEventListener("click", moved);

  const lock = async () => {
    clearTimeout(telling);
    const form = typed ?? document.querySelector("main form[method=post]:not([action])");
    const kept = form ? new FormData(form) : new FormData();
    for (const [name, value] of [...kept]) if (value instanceof File) kept.delete(name);
    for (const field of form?.elements ?? []) if (field.type === "password") kept.delete(field.name);
    kept.delete("csrfmiddlewaretoken");
    // A draft is shown again in its own page; any other form is sent to where it was going.
    const elsewhere = form?.hasAttribute("action") && !("draft" in form.dataset);
    const path = elsewhere ? new URL(form.getAttribute("action"), location).pathname : location.pathname;
    kept.append("held_path", path);
    for (;;) {
      try {
        await fetch("/account/lock/", { method: "POST", body: kept, headers: { "X-CSRFToken": token } });
        break;
      } catch {
        // The clinic does not answer: nothing stays on the screen, and it is asked until it does.
        const note = Object.assign(document.createElement("p"), { className: "wide" });
        note.textContent = "Locked. The clinic does not answer; what you typed waits here.";
        body.replaceChildren(note);
        await new Promise((resolve) => setTimeout(resolve, 5000));
      }
    }
    location.replace("/unlock/?next=" + encodeURIComponent(path));
  };
  document.querySelector("form[data-locks]")?.addEventListener("submit", (event) => {
    event.preventDefault();
    lock();
  });
  const look = setInterval(() => {
    const left = minutes * 60 - (Date.now() - seen) / 1000;
    if (left <= 0) {
      clearInterval(look);
      lock();
    } else if (left <= 120) soon.hidden = false;
  }, 1000);
}

// A browser brings a text field only as far as its caret, and a part of a picture not at all: what the
// Tab key came to is brought whole. Only the key does it; nothing moves under a hand that points.
document.addEventListener("keyup", (event) => {
  if (event.key === "Tab") document.activeElement?.scrollIntoView({ block: "nearest", inline: "nearest" });
});
