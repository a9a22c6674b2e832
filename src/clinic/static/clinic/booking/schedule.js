// The schedule by keyboard and by dragging. Both fill in the form that moves a visit and ask once;
// without a script each visit's own page has the same form. What all cells of a column or a row share
// stands in their headings.
const table = document.querySelector("[data-schedule]");
const said = document.querySelector("[data-status]");
const dialog = document.querySelector(".move-dialog");
const form = dialog?.querySelector("[data-move]");

if (table && form) {
  const canMove = "canMove" in table.dataset;
  const cells = [...table.tBodies[0].rows].map((row) => [...row.cells].slice(1));
  for (const cell of cells.flat()) cell.tabIndex = -1;
  const columnOf = (cell) => table.tHead.rows[0].cells[cell.cellIndex].dataset;
  const timeOf = (cell) => cell.parentElement.cells[0].textContent;
  const labelOf = (cell) => {
    const { on, who } = columnOf(cell);
    return `${on} ${timeOf(cell)}, ${who}${cell.classList.contains("shut") ? ", outside the hours" : ""}`;
  };
  let at = [0, 0];
  let lifted = null;
  let origin = null; // where a lifted visit came from; letting go leads back there
  let dragged = null;
  const say = (text) => (said.textContent = text);

  const place = cells.flatMap((row, r) => row.map((cell, c) => [cell, r, c]));
  const first = place.find(([cell]) => cell.querySelector("a.visit")) ?? place[0];
  if (first) {
    at = [first[1], first[2]];
    first[0].tabIndex = 0;
  }

  const visitOf = (cell) => cell?.querySelector("a.visit");
  const told = (cell) => {
    const visit = visitOf(cell);
    return visit ? `${visit.textContent.trim().replace(/\s+/g, " ")}, ${labelOf(cell)}` : labelOf(cell);
  };
  const go = (row, column) => {
    const cell = cells[row]?.[column];
    if (!cell) return;
    cells[at[0]][at[1]].tabIndex = -1;
    at = [row, column];
    cell.tabIndex = 0;
    cell.focus();
    say(lifted ? `To ${labelOf(cell)}?` : told(cell));
  };

  const letGo = () => {
    lifted?.classList.remove("lifted");
    lifted = null;
    if (origin) go(...origin);
    origin = null;
  };
  const ask = (visit, cell) => {
    const { version, service, name } = visit.dataset;
    const { staff, day } = columnOf(cell);
    const values = {
      service,
      version,
      staff,
      day,
      time: timeOf(cell),
      key: crypto.randomUUID().replaceAll("-", ""),
    };
    for (const [field, value] of Object.entries(values)) form.elements[field].value = value;
    form.action = `${visit.href}move/`;
    dialog.querySelector("[data-question]").textContent =
      `Move ${name} from ${labelOf(visit.closest("td"))} to ${labelOf(cell)}?`;
    dialog.showModal();
    dialog.querySelector("[data-no]").focus();
  };
  dialog.querySelector("[data-no]").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    letGo();
    say("It stays where it was.");
  });

  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  table.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const cell = cells[at[0]][at[1]];
    if (event.key in steps) {
      const [down, right] = steps[event.key];
      go(at[0] + down, at[1] + right);
    } else if (event.key === "Home") go(0, at[1]);
    else if (event.key === "End") go(cells.length - 1, at[1]);
    else if (event.key === "PageUp" || event.key === "PageDown") {
      const link = document.querySelector(`nav[aria-label=Days] a:nth-child(${event.key === "PageUp" ? 1 : 3})`);
      link?.click();
    } else if (event.key === "Escape" && lifted) {
      letGo();
      say("Let go. It stays where it was.");
    } else if (event.key.toLowerCase() === "m" && canMove && visitOf(cell)?.draggable) {
      lifted?.classList.remove("lifted");
      origin = [...at];
      lifted = visitOf(cell);
      lifted.classList.add("lifted");
      say(`Lifted ${lifted.dataset.name}. Choose a place with the arrows, then Enter. Escape lets go.`);
    } else if (event.key === "Enter") {
      if (lifted) ask(lifted, cell);
      else visitOf(cell)?.click();
    } else return;
    event.preventDefault();
  });
  table.addEventListener("focusin", (event) => {
    const cell = event.target.closest("td");
    const found = place.find(([one]) => one === cell);
    if (found) {
      cells[at[0]][at[1]].tabIndex = -1;
      at = [found[1], found[2]];
      cell.tabIndex = 0;
    }
  });

  if (canMove) {
    table.addEventListener("dragstart", (event) => {
      dragged = event.target.closest("a.visit[draggable=true]");
      if (!dragged) return event.preventDefault();
      event.dataTransfer.effectAllowed = "move";
    });
    table.addEventListener("dragover", (event) => {
      const cell = event.target.closest("td");
      if (!dragged || !cell) return;
      event.preventDefault();
      table.querySelector(".over")?.classList.remove("over");
      cell.classList.add("over");
    });
    table.addEventListener("drop", (event) => {
      event.preventDefault();
      table.querySelector(".over")?.classList.remove("over");
      const cell = event.target.closest("td");
      if (dragged && cell) ask(dragged, cell);
      dragged = null;
    });
    table.addEventListener("dragend", () => table.querySelector(".over")?.classList.remove("over"));
  }
}
