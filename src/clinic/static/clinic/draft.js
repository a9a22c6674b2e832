// A note or form that saves itself: 800 ms after the last key or choice, and when a field is left. It
// says what is saved and what is not. When the clinic cannot be reached, what was typed is kept on
// this device, sealed, is there again after a reload, and is sent when the clinic answers. A save
// that was overtaken elsewhere stops and says so. Whoever is signed in has it again after the session
// has ended; on a device in a patient's hands it ends with the session.
import { forget, lastingOf, placeOf } from "./kept.js";

const form = document.querySelector("form[data-draft]");
const APART = ["csrfmiddlewaretoken", "once", "revision"];

const typed = (form) => [...new FormData(form)].filter(([name, value]) => !APART.includes(name) && typeof value === "string");
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
const hour = (when) => new Date(when).toTimeString().slice(0, 5);

// Put what was kept into the fields; what has no field on this page goes along unseen.
const putBack = (form, entries) => {
  const left = entries.map((entry) => [...entry]);
  const take = (name, fits) => {
    const at = left.findIndex((entry) => entry[0] === name && fits(entry[1]));
    return at < 0 ? null : left.splice(at, 1)[0][1];
  };
  for (const field of form.elements) {
    if (!field.name || APART.includes(field.name) || field.type === "submit") continue;
    if (["radio", "checkbox"].includes(field.type)) field.checked = take(field.name, (value) => value === field.value) !== null;
    else field.value = take(field.name, () => true) ?? "";
  }
  for (const [name, value] of left) {
    const field = Object.assign(document.createElement("input"), { type: "hidden", name, value });
    form.append(field);
  }
};

// What was kept and what was typed before that was known, in one: of each field what was changed; of a
// text that was changed in both all of it, what was kept first.
const together = (form, came, kept, now) => {
  const of = (entries, name) => entries.filter((entry) => entry[0] === name).map((entry) => entry[1]);
  let isBoth = false;
  const put = (name) => {
    const [before, lay, stands] = [came, kept, now].map((entries) => of(entries, name));
    if (same(stands, before) || same(stands, lay)) return lay;
    if (same(lay, before)) return stands;
    const isText = stands.length === 1 && lay.length === 1 && ["textarea", "text"].includes(form.elements[name]?.type);
    if (!isText || !lay[0] || stands[0].includes(lay[0])) return stands;
    isBoth = true;
    return [`${lay[0]}${form.elements[name].type === "text" ? " " : "\n"}${stands[0]}`];
  };
  const names = new Set([...kept, ...now].map(([name]) => name));
  const entries = [...names].flatMap((name) => put(name).map((value) => [name, value]));
  return { entries, isBoth };
};

const deviceOf = async (form) => {
  const place = await lastingOf(form.dataset.lasting, form.action);
  if (!place) return placeOf(form.dataset.kept, form.dataset.tag, form.action);
  let mark;
  return {
    async keep(content) {
      mark = await place.keep("draft", content);
    },
    async take() {
      const found = (await place.all()).at(-1);
      mark = found?.mark;
      return found?.content;
    },
    async drop() {
      if (mark) await place.drop("draft", mark);
    },
  };
};

const begin = async (form) => {
  form.dataset.keeps = "";
  const said = form.querySelector("[data-said]");
  const { revision } = form.elements;
  // What the page came with: typing may begin before this script does.
  const asItCame = form.cloneNode(true);
  asItCame.reset();
  const came = typed(asItCame);
  const place = await deviceOf(form);
  let stands = came;
  let waiting;
  let last = Promise.resolve();
  let stopped = false;
  let isKept = false;
  let saving = 0; // saves under way or queued
  let look = ""; // what is to be looked at, once both lie in one

  const found = await place?.take().catch(() => null);
  if (found) {
    if (same(found.entries, came)) await place.drop();
    else {
      const { entries, isBoth } = together(form, came, found.entries, typed(form));
      putBack(form, entries);
      revision.value = found.revision;
      said.textContent = `Kept on this device at ${hour(found.at)}, not saved yet`;
      isKept = true;
      if (isBoth) look = ". What was kept on this device stands before what you typed now: look it through.";
    }
  }

  const keep = async (entries) => {
    if (!place) return false;
    try {
      await place.keep({ entries, revision: revision.value, at: Date.now() });
      isKept = true;
      return true;
    } catch {
      return false;
    }
  };
  const save = async () => {
    const entries = typed(form);
    if (stopped || same(entries, stands)) return;
    const body = new URLSearchParams(new FormData(form));
    body.set("save_quietly", "1");
    said.textContent = "Saving";
    try {
      const answer = await fetch(form.action, { method: "POST", body });
      if (answer.status === 409) {
        stopped = true;
        said.textContent = "Typed on in another page. Save here to see both.";
        return;
      }
      if (answer.redirected || answer.status === 403) throw new Error("signed out");
      if (!answer.ok) throw new Error("not saved");
      stands = entries;
      if (isKept) await place.drop().catch(() => null);
      isKept = false;
      if (answer.status === 204) {
        said.textContent = "";
        return;
      }
      revision.value = (await answer.text()) || revision.value;
      said.textContent = `Saved ${hour(Date.now())}${look}`;
      document.body.dispatchEvent(new CustomEvent("saved")); // what shows the answers' effect asks anew
    } catch (error) {
      const isOut = error.message === "signed out";
      said.textContent = (await keep(entries))
        ? `Not saved yet, kept on this device. ${isOut ? "You were signed out: sign in and open this page again." : "It is sent when the clinic answers again."}`
        : "Not saved yet. Stay on this page; it is tried again.";
      waiting = setTimeout(queue, 5000);
    }
  };
  const queue = () => {
    clearTimeout(waiting);
    saving += 1;
    last = last.then(save).finally(() => {
      saving -= 1;
    });
  };
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(queue, 800);
  });
  form.addEventListener("change", queue);
  form.addEventListener("focusout", queue);
  addEventListener("online", queue);
  document.addEventListener("leaving", ({ detail }) => {
    const entries = typed(form);
    detail.push(same(entries, stands) || keep(entries));
  });
  let goesOn = false;
  let waits = false;
  form.addEventListener("submit", async (event) => {
    clearTimeout(waiting);
    if (goesOn) return;
    if (!navigator.onLine) {
      event.preventDefault(); // the browser's own page of failure would take the fields away
      queue();
    } else if (saving || (isKept && !stopped)) {
      event.preventDefault(); // what is sent must know of the save under way, or it clashes with it
      if (waits) return; // pressed twice, it goes once
      waits = true;
      if (isKept) queue();
      await last;
      waits = false;
      if (isKept && !stopped) return; // it says so; sent past this, what is kept would come back anew
      goesOn = true;
      form.requestSubmit(event.submitter);
      goesOn = false;
    }
  });
  queue();
};

if (form) begin(form);
for (const out of document.querySelectorAll("form[data-signs-out]")) out.addEventListener("submit", forget);
