// What is typed into a form outlives its page, the connection and the session: it lies on this device,
// sealed for the person who typed it, until the clinic says that it was taken. A page whose form is
// still as it was gets it back; one whose form has changed since shows it beside.
import { lastingOf, settle } from "./kept.js";

const SOON = 400; // ms after the last key
const HELD_UP = 2000; // ms for which a form that is sent waits for the device at most
const ALIVE = 1000; // ms until a page that holds a form is believed to be open elsewhere
const MARK = "typed_form"; // the field by which the clinic knows the form
const APART = ["csrfmiddlewaretoken", MARK, "once", "key"]; // new with each page
const NEVER = ["submit", "button", "reset", "image", "file", "password", "fieldset", "output"];
const SECRET = /password|^code$|^credential$/i;

const secrets = document.querySelector("script[data-kept]").dataset.kept;
const token = document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";
const pageNow = location.pathname + location.search;
const titleNow = () => document.title.replace(/^Error: /, "").split(" · ").slice(0, -1).join(" · ");

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
const make = (name, ...content) => {
  const one = document.createElement(name);
  one.append(...content);
  return one;
};

// ------------------------------------------------------------------- forms

// A form is known by where it is sent and, if several are sent there, by what its page calls it.
const nameOf = (form) => `${new URL(form.getAttribute("action") || location.href, location.href).pathname} ${form.dataset.typed}`;
const fieldsOf = (form) => [...form.elements].filter((one) => one.name && !APART.includes(one.name) && !NEVER.includes(one.type) && !SECRET.test(one.name));
const isTick = (field) => field.type === "radio" || field.type === "checkbox";

// The values of a form by name: as they are, or as they came with the page.
const valuesOf = (form, hasCome) => {
  const found = {};
  for (const field of fieldsOf(form)) {
    const values = (found[field.name] ??= []);
    if (isTick(field)) {
      if (hasCome ? field.defaultChecked : field.checked) values.push(field.value);
    } else if (field.options) {
      let chosen = [...field.options].filter((one) => (hasCome ? one.defaultSelected : one.selected));
      if (hasCome && !chosen.length && !field.multiple) chosen = [...field.options].slice(0, 1);
      values.push(...chosen.map((one) => one.value));
    } else values.push(hasCome ? field.defaultValue : field.value);
  }
  return found;
};

const hidden = (form) => new Set(fieldsOf(form).filter((one) => one.type === "hidden").map((one) => one.name));

// What somebody typed or chose: the fields that are not as they came.
const changedOf = (form, came) => {
  const unseen = hidden(form);
  const now = Object.entries(valuesOf(form, false));
  return Object.fromEntries(now.filter(([name, values]) => !unseen.has(name) && !same(values, came[name] ?? [])));
};

const wordsOf = (element) => element?.cloneNode(true).textContent.replace(/\s+/g, " ").trim() ?? "";
const labelOf = (field) => {
  const group = isTick(field) && field.closest("fieldset")?.querySelector("legend");
  return wordsOf(group || field.labels?.[0]) || field.name;
};
const saidBy = (form, name, values) => {
  const fields = fieldsOf(form).filter((one) => one.name === name);
  const said = values.map((value) => {
    const field = fields.find((one) => isTick(one) && one.value === value);
    if (field) return wordsOf(field.labels?.[0]) || value;
    const option = [...(fields[0]?.options ?? [])].find((one) => one.value === value);
    return option ? wordsOf(option) : value;
  });
  return [fields.length ? labelOf(fields[0]) : name, said.join(", ")];
};

// Put values into the fields; how many found none that takes them.
const put = (form, changed) => {
  let left = 0;
  for (const [name, values] of Object.entries(changed)) {
    const fields = fieldsOf(form).filter((one) => one.name === name && one.type !== "hidden");
    const takes = (value) => fields.some((one) => (isTick(one) ? one.value === value : !one.options || [...one.options].some((each) => each.value === value)));
    const lost = values.filter((value) => !takes(value)).length;
    left += fields.length ? lost : 1;
    if (lost && lost === values.length) continue; // what the form says by itself stays
    fields.forEach((field, at) => {
      if (isTick(field)) field.checked = values.includes(field.value);
      else if (field.options) for (const one of field.options) one.selected = values.includes(one.value);
      else field.value = values[at] ?? "";
      for (let around = field.closest("details"); around; around = around.parentElement.closest("details")) around.open = true;
    });
  }
  form.dispatchEvent(new Event("change", { bubbles: true }));
  return left;
};

// ------------------------------------------------------------------- words

const two = (number) => String(number).padStart(2, "0");
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const whenOf = (at) => {
  const then = new Date(at);
  const day = then.toDateString() === new Date().toDateString() ? "" : `on ${two(then.getDate())}-${MONTHS[then.getMonth()]}-${then.getFullYear()} `;
  return `${day}at ${two(then.getHours())}:${two(then.getMinutes())}`;
};
const keptWords = ({ at, isSent, isAsked }) =>
  isSent && !isAsked ? `Kept on this device ${whenOf(at)}. It was sent and no answer came: look whether it is saved.` : `Kept on this device ${whenOf(at)}, not saved yet.`;

const button = (words, act) => {
  const one = make("button", words);
  Object.assign(one, { type: "button", className: "dense" });
  one.addEventListener("click", act);
  return one;
};

// A note with words that are read out, and buttons. The place is there before its words are.
const note = (where, words, ...more) => {
  const said = make("p");
  said.setAttribute("role", "status");
  const one = make("div", said, ...more);
  one.className = "note moderate screen-only";
  one.dataset.keptNote = "";
  where(one);
  requestAnimationFrame(() => {
    said.textContent = words;
  });
  return { one, say: (other) => (said.textContent = other) };
};
// A note far down, or within a part that scrolls, is told of at the top.
const heading = document.querySelector("main h1");
let pointer;
const pointTo = (shown) => {
  const look = ([seen], watcher) => {
    watcher.disconnect();
    if (seen.isIntersecting || pointer) return;
    const go = button("Show it", () => {
      shown.one.scrollIntoView({ block: "center" });
      shown.one.querySelector("button").focus({ preventScroll: true });
      pointer.one.remove();
    });
    pointer = note((one) => heading.after(one), "Something typed here is kept on this device and not saved yet.", row(go));
    delete pointer.one.dataset.keptNote;
  };
  new IntersectionObserver(look).observe(shown.one);
};
const row = (...buttons) => Object.assign(make("p", ...buttons), { className: "row" });
const list = (shown) => {
  const all = make("dl");
  all.className = "facts";
  for (const [label, words] of shown) all.append(make("dt", label), make("dd", words || "emptied"));
  return all;
};

// ------------------------------------------------------------------ device

const device = lastingOf(secrets, "typed"); // null where nothing can be kept
const locks = new Set();

const isHeld = async (name) => (await navigator.locks.query()).held.some((one) => one.name === name);

// Hold what is typed for this page; false if another page that is open holds it.
const hold = (of, isOwn) => {
  if (locks.has(of) || !navigator.locks) return Promise.resolve(true);
  locks.add(of);
  const name = `typed ${of}`;
  return new Promise((resolve) => {
    const stay = () => {
      resolve(true);
      return new Promise(() => {}); // as long as this page is there
    };
    const ask = () => {
      const how = isOwn ? {} : { signal: AbortSignal.timeout(ALIVE) };
      navigator.locks.request(name, how, stay).catch(async () => {
        // a browser that is slow to answer is no other page
        if (how.signal?.aborted && !(await isHeld(name))) return ask();
        locks.delete(of);
        resolve(false);
      });
    };
    ask();
  });
};
const letGo = async (one) => (await device).drop(one.content.of, one.mark);

// Gone from the device, until the page is left still to be had again.
const parting = (one, say) => {
  const away = button("Let it go", async () => {
    await letGo(one);
    say("Let go of.");
    away.replaceWith(back);
    back.focus();
  });
  const back = button("Keep it after all", async () => {
    const { content, isSent, at } = one;
    one.mark = await (await device).keep(content.of, content, { isSent, at });
    say(keptWords(one));
    back.replaceWith(away);
    away.focus();
  });
  return away;
};

const newMark = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const begun = new WeakMap();

// ---------------------------------------------------------------- one form

// Watches one form from now on; what it gives puts back what is kept for it.
const begin = (form) => {
  form.dataset.keeps = "";
  const mine = { of: newMark(), name: nameOf(form), page: pageNow, title: titleNow(), came: valuesOf(form, true), mark: null };
  let kept = "{}"; // what lies on the device
  let isSent = false; // what lies there was sent
  let waiting = 0;
  let turn = Promise.resolve();
  let goesOn = false;
  let went = 0; // when it was sent last
  let told;

  const marked = (is) => {
    const field = form.elements[MARK] ?? Object.assign(document.createElement("input"), { type: "hidden", name: MARK });
    if (is) form.append(Object.assign(field, { value: mine.of }));
    else field.remove();
  };
  const typed = () => changedOf(form, mine.came);
  const isTyped = () => Object.keys(typed()).length > 0;

  // A mark stands for what was sent with it, and for nothing that was typed after.
  const write = async (sends) => {
    const place = await device;
    const changed = typed();
    const now = JSON.stringify(changed);
    if (now === kept && !sends) return mine.mark !== null;
    const former = mine.mark && { content: { of: mine.of }, mark: mine.mark };
    if (now === "{}") {
      marked(false);
      if (former) await letGo(former);
      if (isSent) mine.of = newMark(); // the clinic may have taken what went under the former one
      mine.mark = null;
    } else {
      if (!place) throw new Error("nothing is kept here");
      const isAnew = isSent && now !== kept;
      if (isAnew) mine.of = newMark();
      hold(mine.of, true);
      const shown = Object.entries(changed).map(([name, values]) => saidBy(form, name, values));
      mine.mark = await place.keep(mine.of, { ...mine, changed, shown }, { isSent: sends });
      marked(true);
      if (isAnew && former) await letGo(former);
    }
    kept = now;
    isSent = sends;
    return mine.mark !== null;
  };
  const keepNow = (sends = false) => {
    clearTimeout(waiting);
    waiting = 0;
    turn = turn.then(() => write(sends)).catch(() => {
      marked(false); // the clinic hands back what is not kept here
      return false;
    });
    return turn;
  };

  form.addEventListener("input", () => {
    marked(true);
    clearTimeout(waiting);
    waiting = setTimeout(keepNow, SOON);
  });
  form.addEventListener("change", () => keepNow());
  const leaving = () => waiting && form.isConnected && keepNow();
  form.addEventListener("focusout", leaving);
  addEventListener("pagehide", leaving);
  document.addEventListener("visibilitychange", leaving);
  document.addEventListener("leaving", ({ detail }) => form.isConnected && isTyped() && detail.push(keepNow()));

  // It leaves when it is kept: whatever becomes of it on its way, it is here.
  form.addEventListener(
    "submit",
    async (event) => {
      if (goesOn || !isTyped()) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (Date.now() - went < HELD_UP) return; // pressed twice, it goes once
      went = Date.now();
      const { submitter } = event;
      const isOnline = navigator.onLine;
      const keeping = keepNow(isOnline);
      const isKept = await Promise.race([keeping, new Promise((done) => setTimeout(done, HELD_UP, false))]);
      // It goes without a mark: what the device keeps after all would be offered though it was saved.
      if (!isKept && isOnline) keeping.then((is) => is && letGo({ content: mine, mark: mine.mark }));
      if (!isOnline) {
        went = 0;
        told?.one.remove();
        const words = isKept ? "Kept on this device, not saved: there is no connection. Send it when there is one." : "Not saved: there is no connection. Stay on this page and send it when there is one.";
        told = note((one) => form.append(one), words);
        return;
      }
      marked(isKept);
      went = Date.now();
      goesOn = true;
      form.requestSubmit(submitter);
      goesOn = false;
    },
    true,
  );

  const adopt = async (one) => {
    if (!(await hold(one.content.of))) return false;
    const { of, name, came, page, title } = one.content;
    Object.assign(mine, { of, name, came, page, title, mark: one.mark });
    kept = JSON.stringify(one.content.changed);
    isSent = one.isSent;
    marked(true);
    return true;
  };

  // Back into the form, and out of it again if that is wanted.
  const restored = (one) => {
    put(form, one.content.changed);
    const { changed } = one.content;
    const away = button("Start again without it", async () => {
      form.reset();
      form.dispatchEvent(new Event("change", { bubbles: true }));
      told.say("Put away. What is below is as the clinic has it.");
      away.replaceWith(back);
      back.focus();
    });
    const back = button("Put it back", () => {
      put(form, changed);
      told.say(keptWords(one));
      back.replaceWith(away);
      away.focus();
    });
    told = note((each) => form.prepend(each), keptWords(one), row(away));
    pointTo(told);
  };

  const beside = (one) => {
    const words = `${keptWords(one)} The form has changed since; below it is as the clinic has it now.`;
    const into = button("Put it into the form", async () => {
      const left = put(form, one.content.changed);
      await keepNow();
      if (left) {
        shown.say("Put in, but for what the form no longer asks. It stands here.");
        into.remove();
      } else {
        await letGo(one);
        shown.one.remove();
      }
      fieldsOf(form).find((field) => field.name in one.content.changed && field.type !== "hidden")?.focus();
    });
    const away = parting(one, (said) => shown.say(said));
    const shown = note((each) => form.prepend(each), words, list(one.content.shown), row(into, away));
    for (let around = form.closest("details"); around; around = around.parentElement.closest("details")) around.open = true;
    pointTo(shown);
  };

  begun.set(form, async (all, again) => {
    // The page answers this form itself: what was typed is in it, and not saved.
    if (again && !again.isUsed) {
      again.isUsed = true;
      if (await adopt(again)) await keepNow();
    }
    for (const one of all.filter((each) => each.content.name === mine.name && !each.isUsed).reverse()) {
      one.isUsed = true;
      if (one.content.of === mine.of) continue; // kept here, while it was looked what lies here
      if (!(await hold(one.content.of))) continue; // it is being typed on another page
      const has = valuesOf(form, true);
      if (Object.entries(one.content.changed).every(([name, values]) => same(has[name], values))) await letGo(one);
      else if (!mine.mark && !isTyped() && same(has, one.content.came)) {
        if (await adopt(one)) restored(one);
      } else beside(one);
    }
    if (isTyped()) await keepNow(); // typed before this script was there
  });
};

// The form of a page that answers it: of the same name, or the first that has all its fields.
const answeredBy = (all, content) => {
  const fits = (form) => Object.keys(content.changed).every((name) => fieldsOf(form).some((one) => one.name === name));
  return all.find((form) => nameOf(form) === content.name) ?? all.find(fits);
};

// -------------------------------------------------------------- the page

// What was typed here into a form that the page no longer has.
const left = async (one) => {
  if (!(await hold(one.content.of))) return;
  const away = parting(one, (said) => shown.say(said));
  const words = `${keptWords(one)} This page has no form for it any more.`;
  const shown = note((each) => heading.after(each), words, list(one.content.shown), row(away));
};

const listed = async (holder, kept) => {
  for (const one of kept) {
    if (!(await hold(one.content.of))) continue; // it is being typed on another page
    const { title, page, shown } = one.content;
    const link = Object.assign(make("a", title), { href: page });
    const words = make("details", make("summary", "What was typed"), list(shown));
    const said = make("span", `, ${whenOf(one.at)}`);
    said.setAttribute("role", "status");
    const away = parting(one, (each) => (said.textContent = `: ${each}`));
    holder.append(Object.assign(make("div", make("p", link, said), words, row(away)), { className: "stack" }));
  }
  holder.hidden = !holder.querySelector("dl");
};

const formsNow = () => [...document.querySelectorAll("form[data-typed]")];
const keptNow = async (isAsked) => (await (await device).all().catch(() => [])).map((one) => ({ ...one, isAsked }));

const start = async () => {
  const forms = formsNow();
  for (const form of forms) begin(form);
  if (!(await device)) return;
  const all = await keptNow(await settle(token));
  const again = all.find((one) => one.content.of === document.body.dataset.again);
  const answered = again && answeredBy(forms, again.content);
  await Promise.all(forms.map((form) => begun.get(form)(all, form === answered && again)));
  for (const one of all) if (!one.isUsed && one.content.page === pageNow) await left(one);
  const holder = document.querySelector("[data-typed-list]");
  if (holder) await listed(holder, all);
  // Forms that came in meanwhile and later, such as those of a part that is fetched.
  const beginNew = () => {
    for (const form of formsNow()) {
      if (begun.has(form)) continue;
      begin(form);
      keptNow(true).then((found) => begun.get(form)(found));
    }
  };
  new MutationObserver(beginNew).observe(document.querySelector("main"), { childList: true, subtree: true });
  beginNew();
};

// A page that comes back from the browser's memory is an old one; what was typed there is kept.
addEventListener("pageshow", (event) => event.persisted && location.reload());
start();
