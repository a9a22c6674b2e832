// Of the living page alone: its parts answer keys as in their pages, and what they would open or send
// is said instead of done.
import { jumping } from "./assessment/jump.js";
import { roving } from "./assessment/roving.js";

const main = document.querySelector("main");
const said = document.querySelector("[data-gone-to]");
const tried = document.querySelector("[data-jump-tried] [data-jump]");

main.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (link && link.origin === location.origin && link.pathname !== location.pathname) event.preventDefault();
});
main.addEventListener("submit", (event) => event.preventDefault());

const field = jumping(tried, {
  openRow: (address, key) => (said.textContent = `It would open ${address} at ${key}.`),
  placeNow: () => 0,
  say: (words) => (said.textContent = words),
});
for (const holder of document.querySelectorAll("[data-jump-typed]")) {
  const typed = jumping(holder.querySelector("[data-jump]"), { openRow: () => {}, placeNow: () => 0, say: () => {} });
  typed.value = holder.dataset.jumpTyped;
  typed.dispatchEvent(new Event("input"));
}

for (const [selector, part] of [
  [".body-state [data-views]", "a.zone"],
  [".zone-state .zone-picture", "a.place"],
]) {
  for (const holder of document.querySelectorAll(selector)) {
    roving(holder, part);
    holder.addEventListener("keydown", (event) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      field.focus();
    });
  }
}
