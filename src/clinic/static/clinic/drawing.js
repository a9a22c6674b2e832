// A tap on a region chooses it, and another lets it go, at once; the list says the same. Space does
// what Enter does, as for any choice.
const form = document.querySelector("form.draw");
const said = document.querySelector("[data-status]");

const boxOf = (link) => document.getElementById(link.getAttribute("href").slice(1))?.querySelector("input");
const links = [...form.querySelectorAll(".body a.place")];

const show = () => {
  for (const link of links) {
    const isChosen = boxOf(link)?.checked ?? false;
    for (const shape of link.querySelectorAll(".region")) shape.classList.toggle("chosen", isChosen);
    link.setAttribute("aria-pressed", isChosen);
  }
};
for (const link of links) {
  if (!boxOf(link)) continue;
  link.setAttribute("role", "button");
  const toggle = (event) => {
    event.preventDefault();
    const box = boxOf(link);
    box.checked = !box.checked;
    show();
    said.textContent = `${box.parentElement.innerText.trim()}: ${box.checked ? "chosen" : "let go"}`;
  };
  link.addEventListener("click", toggle);
  link.addEventListener("keydown", (event) => {
    if (event.key === " ") toggle(event);
  });
}
form.addEventListener("change", show);
show();
