// A picture by keyboard: of all that can be touched in it one is a stop for the tab key; arrows go to
// the nearest, Home and End to the first and the last.
export function one(holder, selector, stop) {
  for (const link of holder.querySelectorAll(selector)) link.setAttribute("tabindex", link === stop ? "0" : "-1");
}

export function roving(holder, selector, leave) {
  const first = holder.querySelector(selector);
  if (first) one(holder, selector, first);
  holder.addEventListener("keydown", (event) => {
    const from = event.target.closest(selector);
    if (!from) return;
    const all = [...holder.querySelectorAll(selector)];
    let to;
    if (event.key === "Home") to = all[0];
    else if (event.key === "End") to = all[all.length - 1];
    else if (event.key.startsWith("Arrow")) to = nearest(from, all, event.key);
    else if (event.key === "Escape" && leave) return leave();
    if (!to) return;
    event.preventDefault();
    one(holder, selector, to);
    to.focus({ preventScroll: true });
    to.scrollIntoView({ block: "nearest", inline: "nearest" }); // a browser brings the picture, not its part
  });
}

function nearest(from, all, key) {
  const middle = (one) => {
    const box = one.getBoundingClientRect();
    return [box.x + box.width / 2, box.y + box.height / 2];
  };
  const [x, y] = middle(from);
  const ahead = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[key];
  let best;
  let least = Infinity;
  for (const other of all) {
    const [cx, cy] = middle(other);
    const along = (cx - x) * ahead[0] + (cy - y) * ahead[1];
    const beside = Math.abs((cx - x) * ahead[1]) + Math.abs((cy - y) * ahead[0]);
    if (other !== from && along > 1 && along + 2 * beside < least) [best, least] = [other, along + 2 * beside];
  }
  return best;
}
