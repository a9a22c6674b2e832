// Type a name to go to it: a combobox whose list holds what the typed words begin. Words may be of the
// name, Latin or common, of the level or side, and of a sign there, in any order. Nothing is chosen
// until it is asked for; Enter alone takes the first.
const SHOWN = 10;
const SPEAK = 800; // ms of rest before the number found is spoken

const SIDES = { r: "right", l: "left" };

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const words = (text) => plain(text).split(/[^\p{L}\p{N}]+/u).filter(Boolean);
const begins = (all, part) => all.some((word) => word.startsWith(part));

// What fits, best first: [score, name, key, place].
function fitting(entries, typed, now) {
  // After a name one letter is a side: r also begins reflex and rotation.
  const parts = words(typed).map((part, number) => (number && SIDES[part]) || part);
  const found = [];
  if (!parts.length) return found;
  for (const entry of entries) {
    const left = parts.filter((part) => !begins(entry.words, part));
    const latin = left.filter((part) => !begins(entry.also, part));
    const near = entry.place === now ? -4 : 0;
    const first = entry.words[0].startsWith(parts[0]) ? 0 : 1;
    if (!latin.length) found.push([near + first + (left.length ? 1 : 0), entry.name, entry.rows[0].key, entry.place]);
    else {
      // A sign by itself is everywhere: it comes after what is named too.
      const isNamed = latin.length < parts.length;
      for (const row of entry.rows) {
        if (latin.every((part) => begins(row.words, part))) {
          found.push([near + (isNamed ? 2 : 8), `${row.sign}: ${entry.name}`, row.key, entry.place]);
        }
      }
    }
  }
  return found.sort((one, other) => one[0] - other[0]);
}

export function jumping(holder, { openRow, placeNow, say }) {
  const field = holder.querySelector("input");
  const box = holder.querySelector("[data-found]");
  const list = holder.querySelector("[role=listbox]");
  const more = holder.querySelector("[data-more]");
  let entries; // once they are asked for
  let titles = {};
  let found = [];
  let at = -1;
  let speaking;
  holder.hidden = false;

  async function load() {
    entries ??= fetch(holder.dataset.names)
      .then((answer) => {
        if (answer.ok && !answer.redirected) return answer.json();
        answer.body?.cancel(); // a page that nobody reads keeps its connection
        throw new Error("no names");
      })
      .then((told) => {
        titles = told.places;
        const signs = told.signs.map(([key, sign]) => ({ key, sign, words: words(sign) }));
        return told.entries.map(([name, also, place, site, rows]) => ({
          name,
          place,
          words: words(name),
          also: words(also),
          rows: rows.map((number) => ({ ...signs[number], key: `${signs[number].key}.${site}` })),
        }));
      })
      .catch(() => {
        entries = undefined; // asked again with the next letter
        return null;
      });
    return entries;
  }

  function close() {
    box.hidden = true;
    at = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  }

  function mark(to) {
    at = to;
    [...list.children].forEach((option, number) => option.setAttribute("aria-selected", String(number === at)));
    if (at < 0) field.removeAttribute("aria-activedescendant");
    else {
      field.setAttribute("aria-activedescendant", list.children[at].id);
      list.children[at].scrollIntoView({ block: "nearest" });
    }
  }

  function tell(text) {
    clearTimeout(speaking);
    speaking = setTimeout(() => say(text), SPEAK);
  }

  async function show() {
    const typed = field.value;
    if (!words(typed).length) return close();
    const all = await load();
    if (typed !== field.value) return; // typed on meanwhile
    found = all ? fitting(all, typed, placeNow()) : [];
    const shown = found.slice(0, SHOWN);
    list.replaceChildren(
      ...shown.map(([, name, , place], number) => {
        const option = document.createElement("li");
        option.id = `${field.id}-${number}`;
        option.setAttribute("role", "option");
        const where = document.createElement("span");
        where.className = "caption";
        where.textContent = titles[place];
        option.append(name, " ", where);
        return option;
      }),
    );
    mark(-1);
    list.hidden = !shown.length;
    if (!all) more.textContent = "The names did not come. The places are in the list below the picture.";
    else if (!found.length) more.textContent = "Nothing is called so. Every place is in the list below the picture.";
    else more.textContent = found.length > SHOWN ? `${found.length - SHOWN} more: type on.` : "";
    box.hidden = false;
    field.setAttribute("aria-expanded", String(shown.length > 0));
    tell(found.length ? `${found.length} found, first ${found[0][1]}` : more.textContent);
  }

  async function take(number) {
    const [, , key, place] = found[number];
    close();
    clearTimeout(speaking);
    field.value = "";
    await openRow(holder.dataset.address.replace(/\/0\/$/, `/${place}/`), key);
  }

  field.addEventListener("focus", load);
  field.addEventListener("input", show);
  field.addEventListener("blur", close);
  field.addEventListener("keydown", async (event) => {
    if (event.isComposing) return; // the key ends a word that is being put together, and chooses nothing
    const shown = box.hidden ? 0 : list.children.length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!shown) await show();
      else if (event.key === "ArrowDown") mark(at + 1 < shown ? at + 1 : 0);
      else mark(at > 0 ? at - 1 : shown - 1);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (!shown && field.value) await show();
      if (list.children.length && !box.hidden) take(Math.max(at, 0));
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (box.hidden) field.value = "";
      else close();
    }
  });
  // Not by click: the field loses the focus before it, and with it the list.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) take([...list.children].indexOf(option));
  });
  return field;
}
