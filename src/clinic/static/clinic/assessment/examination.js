// The examination in one page: zones and places come in beside the body, each tap is saved at once,
// the first numbers come back with it and the whole answer follows. What is not saved yet is kept on
// this device, sealed, said so, and tried again, also by the next page of this examination; an answer
// that a later tap has overtaken is dropped.
import { lastingOf, settle as settleForms } from "../kept.js";
import { jumping } from "./jump.js";
import { lifted } from "./lifted.js";
import { one, roving } from "./roving.js";

const exam = document.querySelector("[data-exam]");
const trusted = window.trustedTypes?.createPolicy("examination", { createHTML: (text) => text });
const page = (text) => new DOMParser().parseFromString(trusted ? trusted.createHTML(text) : text, "text/html");

const SOON = 200; // ms of rest before the whole answer is asked for
const SPEAK = 1500; // ms of rest before it is spoken
const SETTLED = 4000; // ms of rest before the lists are told anew
const AGAIN = 3000; // ms before what was not saved is tried again
const AT_ONCE = 100; // readings in one request

const status = document.querySelector("[data-status]");
const saved = document.querySelector("[data-saved]");
const places = exam.querySelector("[data-place-part]");
const views = exam.querySelector("[data-views]");
const zones = exam.querySelector("[data-zone-part]");
const lists = exam.querySelector("[data-lists-part]");
const answers = exam.querySelector("[data-answer-part]");
const quick = exam.querySelector("[data-quick]");
const quickWords = exam.querySelector("[data-quick-words]");
const quickRows = exam.querySelector("[data-quick-rows]");
let token = document.querySelector("input[name=csrfmiddlewaretoken]").value;
let revision = 0; // of the answer: one more with each tap
let waiting; // for the whole answer
let acting = 0; // buttons that write several readings and were not answered yet
let asking;
let speaking;
const old = new Set(); // lists and figures that were made before the last tap
let listing;
const unsaved = new Map(); // key of a row -> what it says and where it is shown
let sending = false;
let trying; // again
let isLeaving = false;
let isElsewhere = false; // on the way to sign in or to unlock
const device = lastingOf(exam.dataset.kept, location.pathname);
let chosen = "";
const asked = { zone: 0, place: 0, lists: 0, figures: 0 }; // one more each time; what was asked for last is shown
let comes = false; // a place is on its way
let saves = 0; // one more with each that came back
let typed; // the row that is being typed into, until it is taken as a tap
let typing;

document.documentElement.classList.add("has-script");

// ------------------------------------------------------------------- parts

async function part(address, options = {}) {
  const answer = await fetch(address, { ...options, headers: { "X-Part": "yes", ...(options.headers ?? {}) } });
  if (answer.redirected) {
    isElsewhere = true;
    const to = new URL(answer.url);
    const keeping = [];
    document.dispatchEvent(new CustomEvent("leaving", { detail: keeping }));
    await Promise.all(keeping);
    // Back to this page then, not to a part of it.
    location.href = ["/unlock/", "/sign-in/"].includes(to.pathname) ? `${to.pathname}?next=${encodeURIComponent(location.pathname)}` : answer.url;
    throw new Error("elsewhere");
  }
  if (!answer.ok && answer.status !== 409 && answer.status !== 422) throw new Error(`${answer.status}`);
  const text = await answer.text();
  await lifted();
  return text;
}

function fill(holder, text, focus) {
  holder.replaceChildren(...page(text).body.childNodes);
  const title = focus && holder.querySelector(focus);
  if (title) {
    title.focus({ preventScroll: true });
    title.scrollIntoView({ block: "start" });
  }
}

// What is being typed into stays as it is, whatever comes anew around it.
function fillAround(holder, selector, text) {
  const own = holder.querySelector(selector);
  const wasOpen = own?.closest("details")?.open;
  fill(holder, text);
  const anew = holder.querySelector(selector);
  if (!own) return;
  if (anew) anew.replaceWith(own);
  else if (own.elements.typed_form) holder.append(own); // noted on another page, and words stand here
  if (wasOpen && own.closest("details")) own.closest("details").open = true;
}

async function openZone(address, number) {
  const mine = ++asked.zone;
  let text;
  try {
    text = await part(address);
  } catch {
    if (mine === asked.zone) leaveFor(address);
    return;
  }
  if (mine !== asked.zone) return;
  views.hidden = true;
  fill(zones, text, "[data-zone-title]");
  const first = zones.querySelector(".zone-picture a.place");
  if (first) one(zones, ".zone-picture a.place", first);
  chosen = number;
}

function wholeBody() {
  asked.zone += 1;
  views.hidden = false;
  zones.replaceChildren();
  toZone();
  views.scrollIntoView({ block: "start" });
  if (!old.has(views)) return;
  const stop = () => [...views.querySelectorAll("a.zone")].find((each) => each === document.activeElement) ?? views.querySelector("a.zone");
  anew(views, "figures").then(() => one(views, "a.zone", stop()), () => {});
}

function toZone() {
  const links = [...views.querySelectorAll("a.zone")];
  const link = links.find((each) => each.dataset.zone === chosen) ?? links[0];
  one(views, "a.zone", link);
  link.focus({ preventScroll: true });
}

// The lists, or the figures, as they are after the last tap.
async function anew(holder, only) {
  old.delete(holder);
  const mine = ++asked[only];
  let text;
  try {
    text = await part(`${location.pathname}?only=${only}`);
  } catch (error) {
    old.add(holder);
    throw error;
  }
  if (mine !== asked[only]) return;
  const open = [...holder.querySelectorAll("details[open]")].map((each) => each.className);
  const had = holder.contains(document.activeElement) ? document.activeElement.getAttribute("href") : undefined;
  fill(holder, text);
  for (const each of holder.querySelectorAll("details")) each.open = open.includes(each.className);
  if (had !== undefined) (holder.querySelector(`a[href="${CSS.escape(had ?? "")}"]`) ?? holder.querySelector("summary"))?.focus({ preventScroll: true });
}

function grown() {
  old.add(views);
  old.add(lists);
  clearTimeout(listing);
  listing = setTimeout(() => anew(lists, "lists").catch(() => {}), SETTLED);
}

lists.addEventListener(
  "toggle",
  (event) => {
    if (!event.target.open || !old.has(lists)) return;
    clearTimeout(listing);
    anew(lists, "lists").catch(() => {});
  },
  true,
);

async function openPlace(address) {
  const mine = ++asked.place;
  comes = true;
  try {
    const text = await part(address);
    if (mine !== asked.place) return;
    fill(places, text, "[data-place-title]");
    showUnsaved();
  } catch {
    if (mine === asked.place) leaveFor(address);
  } finally {
    if (mine === asked.place) comes = false;
  }
}

// The place that is shown comes anew under whoever works there: others wrote in it. What a save of
// one's own has overtaken on the way is asked for again; what does not come, after the next tap.
async function renewPlace(address) {
  const mine = ++asked.place;
  comes = true;
  try {
    let text;
    let before;
    do {
      before = saves;
      text = await part(address);
      if (mine !== asked.place) return;
    } while (before !== saves);
    refill(text);
  } catch {
    // The readings that stand here are told apart by their revision, whoever saves over them.
  } finally {
    if (mine === asked.place) comes = false;
  }
}

// Focus and caret, what is open and what is being typed stay, and nothing moves under the hand.
function refill(text) {
  const had = places.contains(document.activeElement) ? document.activeElement : null;
  const top = had?.getBoundingClientRect().top;
  const caret = had?.matches("textarea, input:not([type=radio])") && [had.selectionStart, had.selectionEnd];
  const folds = () => [...places.querySelectorAll("details")];
  const open = folds().map((each) => each.open);
  const fold = had ? folds().indexOf(had.closest("summary")?.parentElement) : -1;
  const being = typed && places.contains(typed) ? readingOf(typed) : null;
  fill(places, text);
  folds().forEach((each, at) => (each.open ||= Boolean(open[at])));
  showUnsaved();
  if (being) typed = shown(being);
  if (!had) return;
  const now = fold < 0 ? alike(had) : folds()[fold]?.querySelector("summary");
  if (!now) return;
  now.focus({ preventScroll: true });
  if (caret) now.setSelectionRange(...caret);
  scrollBy({ top: now.getBoundingClientRect().top - top, behavior: "instant" });
}

// What stands now where an element stood, by the name of its field.
function alike(had) {
  if (had.matches("a")) return places.querySelector(`a[href="${CSS.escape(had.getAttribute("href"))}"]`);
  if (!had.name) return places.querySelector("[data-place-title]");
  const own = had.matches("button, [type=radio]") ? `[value="${CSS.escape(had.value)}"]` : "";
  return places.querySelector(`[name="${CSS.escape(had.name)}"]${own}`);
}

// What is being typed stands in the row that came anew, over the revision that its writer saw.
function shown(being) {
  const row = places.querySelector(`[data-row="${CSS.escape(being.key)}"]`);
  for (const field of row?.querySelectorAll("input, select, textarea") ?? []) {
    if (field.type === "radio") field.checked = field.value === being.fields[field.name];
    else field.value = being.fields[field.name] ?? field.value;
  }
  return row ?? undefined;
}

// To the page itself where its part does not come; never away from what is not saved yet.
function leaveFor(address) {
  if (isElsewhere) return;
  if (unsaved.size) saved.textContent = "No answer from the clinic. What is not saved is kept.";
  else location.href = address;
}

addEventListener("beforeunload", (event) => {
  if (unsaved.size && !isLeaving) event.preventDefault();
});
// Where the session ended the page goes without asking, once the device has what is not saved.
document.addEventListener("leaving", ({ detail }) => {
  if (unsaved.size) detail.push(keeping.then(() => (isLeaving = isKept())));
});

exam.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
  const address = link.getAttribute("href");
  if ("whole" in link.dataset) {
    event.preventDefault();
    wholeBody();
  } else if (link.dataset.zone) {
    event.preventDefault();
    openZone(address, link.dataset.zone);
  } else if (link.matches("[data-place], a.place")) {
    event.preventDefault();
    openPlace(address);
  }
});

// -------------------------------------------------------------------- taps

// What a row says now, and the revision that was shown beside it.
function readingOf(row) {
  const form = row.closest("[data-place-form]");
  const fields = {};
  for (const field of row.querySelectorAll("input, select, textarea")) {
    if (field.type !== "radio" || field.checked) fields[field.name] = field.value;
  }
  return { key: row.dataset.row, at: form.dataset.number, address: form.getAttribute("action"), fields };
}

const rowsOf = (key) => exam.querySelectorAll(`[data-row="${CSS.escape(key)}"]`);

function tapped(row) {
  const one = readingOf(row);
  row.classList.remove("is-unsaved");
  row.classList.add("is-saving");
  row.classList.toggle("is-recorded", Boolean(one.fields[`f:${one.key}`]));
  if (row === typed) {
    clearTimeout(typing);
    typed = undefined;
  }
  overtaken();
  isLeaving = false;
  unsaved.set(one.key, one);
  send();
  keep(one);
}

// On this device too, until the clinic has it: a page can be closed, a session can end. What is kept
// and what is dropped take turns, or an older reading could lie there after a newer one.
let keeping = Promise.resolve();
function inTurn(work) {
  keeping = keeping.then(() => device).then((place) => place && work(place)).catch(() => null);
  return keeping;
}

const lies = new Map(); // key of a row -> mark of what was kept under it last
function keep(one) {
  const { key, at, address, fields } = one;
  return inTurn(async (place) => {
    if (one.isTaken) return lies.has(key) && place.drop(key, lies.get(key)); // what was typed on the way to it
    one.mark = await place.keep(key, { key, at, address, fields });
    lies.set(key, one.mark);
  });
}

function taken(one) {
  one.isTaken = true;
  return inTurn((place) => one.mark && place.drop(one.key, one.mark));
}

// Rows that came anew show what waits for them.
function showUnsaved() {
  for (const one of unsaved.values()) {
    for (const row of rowsOf(one.key)) {
      row.classList.add("is-saving");
      row.closest("details.more")?.setAttribute("open", "");
      for (const field of row.querySelectorAll("input, select, textarea")) {
        const value = one.fields[field.name];
        if (field.name.startsWith("r:") || value === undefined) continue;
        if (field.type === "radio") field.checked = field.value === value;
        else field.value = value;
      }
    }
  }
}

// All that waits goes in one request; what is tapped meanwhile goes in the next.
async function send() {
  if (sending || !unsaved.size) return;
  sending = true;
  clearTimeout(trying);
  const batch = [...unsaved.values()].slice(0, AT_ONCE);
  const mine = revision;
  try {
    const answer = await fetch(exam.dataset.taps, {
      method: "POST",
      body: bodyOf(batch),
      headers: { Accept: "application/json", "X-Latest": places.querySelector("[data-place-form]")?.dataset.latest ?? "" },
    });
    if (answer.redirected) {
      await keeping;
      return signedOut(answer.url);
    }
    if (answer.status === 403) {
      const elsewhere = await freshToken();
      if (elsewhere) return signedOut(elsewhere);
    } else {
      if (!answer.ok && answer.status !== 422) throw new Error(`${answer.status}`);
      settle(batch, await answer.json(), mine);
    }
  } catch (error) {
    for (const key of unsaved.keys()) for (const row of rowsOf(key)) row.classList.add("is-unsaved");
    await keeping;
    const where = isKept() ? "Kept on this device" : "Kept on this page";
    // What one found is never written in the name of whoever signed in after.
    if (error.message === "somebody else") saved.textContent = `Somebody else is signed in here now. What is not saved stays for you. ${where}.`;
    else saved.textContent = `Not saved yet: no answer from the clinic. ${where}, tried again.`;
    trying = setTimeout(send, AGAIN);
    return;
  } finally {
    sending = false;
  }
  send();
}

const isKept = () => [...unsaved.values()].every((one) => one.mark);

function bodyOf(batch) {
  const body = new FormData();
  body.set("csrfmiddlewaretoken", token);
  for (const one of batch) for (const [name, value] of Object.entries(one.fields)) body.set(name, value);
  for (const number of new Set(batch.map((one) => one.at))) body.append("at", number);
  return body;
}

function signedOut(address) {
  if (address.includes("/unlock/")) {
    isLeaving = true;
    // What is kept here comes back behind the lock; else the server holds what was sent and shows it.
    location.href = isKept() ? `/unlock/?next=${encodeURIComponent(location.pathname)}` : address;
    return;
  }
  for (const key of unsaved.keys()) for (const row of rowsOf(key)) row.classList.add("is-unsaved");
  const where = isKept() ? "kept on this device" : "still on this page";
  saved.replaceChildren(`You were signed out. What you entered is ${where}: `);
  const link = document.createElement("a");
  link.href = "/sign-in/";
  link.target = "_blank";
  link.textContent = "sign in in another tab";
  saved.append(link, ", it is saved then.");
  trying = setTimeout(send, AGAIN);
}

// A token that the clinic takes again; where it leads instead if nobody is signed in any more.
async function freshToken() {
  const answer = await fetch(location.pathname);
  if (answer.redirected) return answer.url;
  const anew = page(answer.ok ? await answer.text() : "");
  const found = anew.querySelector("input[name=csrfmiddlewaretoken]");
  if (found && anew.querySelector("[data-exam]")?.dataset.by !== exam.dataset.by) throw new Error("somebody else");
  if (!found || found.value === token) throw new Error("403");
  token = found.value;
  for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) field.value = token;
  return "";
}

function settle(batch, told, mine) {
  saves += 1;
  for (const [key, number] of Object.entries(told.rows)) {
    for (const field of exam.querySelectorAll(`input[name="r:${CSS.escape(key)}"]`)) field.value = number;
  }
  let problem = "";
  for (const one of batch) {
    const newer = unsaved.get(one.key);
    taken(one);
    if (newer === one) unsaved.delete(one.key);
    else if (newer && one.key in told.rows) {
      newer.fields[`r:${one.key}`] = told.rows[one.key]; // it was tapped over what is saved now
      keep(newer);
    }
    const wrong = told.wrong[one.key] ?? "";
    problem = wrong || problem;
    for (const row of rowsOf(one.key)) {
      if (newer === one) row.classList.remove("is-saving", "is-unsaved");
      row.classList.toggle("is-wrong", Boolean(wrong));
      row.querySelector("[data-wrong]").textContent = wrong;
    }
  }
  const back = batch.filter((one) => one.wasAway).length;
  const kept = back ? `${back} ${back === 1 ? "entry" : "entries"} kept on this device ${back === 1 ? "was" : "were"} saved. ` : "";
  saved.textContent = problem ? `Not saved: ${problem}` : `${kept}Saved ${told.at}. Signs recorded: ${told.count}.`;
  if (kept) status.textContent = kept;
  const form = places.querySelector("[data-place-form]");
  const wantsReload = told.contested || told.others;
  if (form && !wantsReload) form.dataset.latest = told.latest; // what was not shown is asked for again
  for (const one of batch) if (one.at in told.here) count(one.address, told.here[one.at]);
  if (wantsReload) {
    status.textContent = "Somebody else recorded signs in this visit meanwhile.";
    if (form && !comes) renewPlace(form.getAttribute("action"));
    else if (told.contested && !comes) openPlace(batch[0].address); // never away from where somebody goes meanwhile
  }
  if (told.quick && mine === revision) showQuick(told.quick);
  later();
  grown();
}

// What an earlier page of this examination could not save: it is there again, and is saved.
async function bringBack() {
  const kept = await (await device)?.all().catch(() => []);
  for (const { content, mark } of kept ?? []) {
    if (!lies.has(content.key)) lies.set(content.key, mark);
    if (unsaved.has(content.key)) continue; // tapped anew meanwhile
    overtaken();
    unsaved.set(content.key, { ...content, mark, wasAway: true });
  }
  if (kept?.length) {
    saved.textContent = "What was kept on this device is being saved.";
    if (asked.place) showUnsaved(); // never away from where somebody went meanwhile
    else await openPlace(kept[kept.length - 1].content.address);
    send();
  }
}

// How many readings a place has, on its button, its step of the ladder and its part of the picture.
function count(address, number) {
  for (const link of zones.querySelectorAll(`a[href="${CSS.escape(address)}"]`)) {
    if (link.matches(".level-touch")) link.textContent = number || "·";
    else if (link.matches(".button")) {
      const name = link.textContent.replace(/ \(\d+\)$/, "");
      link.textContent = number ? `${name} (${number})` : name;
    } else link.classList.toggle("has-readings", number > 0);
  }
}

exam.addEventListener("change", (event) => {
  const row = event.target.closest("[data-row]");
  if (row) tapped(row);
});
exam.addEventListener("input", (event) => {
  const row = event.target.closest("[data-row]");
  if (!row || event.target.type === "radio" || event.target.tagName === "SELECT") return;
  clearTimeout(typing);
  keep(readingOf(row));
  typed = row;
  typing = setTimeout(() => tapped(typed), 800);
});

// A number key reads the row that has the focus; it acts nowhere else.
exam.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const row = event.target.closest("[data-row]");
  if (row && event.target.type === "radio" && /^[0-9-]$/.test(event.key)) {
    const value = event.key === "-" ? "" : event.key;
    const radio = [...row.querySelectorAll("input[type=radio][name^='f:']")].find((one) => one.value === value);
    if (radio && !radio.checked) {
      event.preventDefault();
      radio.checked = true;
      radio.focus();
      tapped(row);
    }
  }
});

// Buttons that write several readings or settle which holds: the place comes back as it is then.
exam.addEventListener("submit", async (event) => {
  const form = event.target;
  const button = event.submitter;
  if (form.matches("[data-impression]")) {
    event.preventDefault();
    const body = new FormData(form);
    try {
      fill(answers, await part(form.getAttribute("action"), { method: "POST", body }));
      if (isOnItsWay()) sayOld();
      settleForms(token);
    } catch (error) {
      const isKept = error.message === "elsewhere" && form.elements.typed_form;
      if (!isKept) form.submit(); // what is not kept here, the clinic holds or hands back
    }
    return;
  }
  if (!form.matches("[data-place-form]") || !button?.matches("[data-act]")) return;
  event.preventDefault();
  const body = new FormData(form, button);
  const mine = ++asked.place;
  comes = true;
  acting += 1;
  overtaken();
  try {
    const text = await part(form.getAttribute("action"), { method: "POST", body });
    if (mine === asked.place) {
      fill(places, text, "[data-place-title]");
      showUnsaved();
    }
    saved.textContent = "Saved.";
    grown();
  } catch {
    saved.textContent = "Not saved yet: no answer from the clinic. Press it again.";
  } finally {
    if (mine === asked.place) comes = false;
    acting -= 1;
    later();
  }
});

// ------------------------------------------------------------------ answer

function showQuick(told) {
  quick.hidden = !told.rows.length;
  quickWords.textContent = told.words;
  quickRows.replaceChildren(
    ...told.rows.map((one) => {
      const line = document.createElement("li");
      const [name, number] = [document.createElement("span"), document.createElement("span")];
      name.textContent = one.root;
      number.textContent = one.words;
      const space = "http://www.w3.org/2000/svg";
      const svg = document.createElementNS(space, "svg");
      svg.setAttribute("class", "quick-bar");
      svg.setAttribute("aria-hidden", "true");
      const bar = document.createElementNS(space, "rect");
      bar.setAttribute("width", `${(100 * one.share).toFixed(1)}%`);
      bar.setAttribute("height", "100%");
      svg.append(bar);
      line.append(name, number, svg);
      return line;
    }),
  );
  // On a small screen it lies over the page's end: what a key reads there is brought before it.
  const read = document.activeElement;
  if (read.matches("[data-row] input[type=radio]:focus-visible")) read.scrollIntoView({ block: "nearest" });
  quick.dataset.revision = revision;
  performance.mark("quick shown");
}

// From a press on the answer is old, and none is asked for before what was pressed is saved.
function overtaken() {
  revision += 1;
  clearTimeout(waiting);
  clearTimeout(speaking);
  asking?.abort();
  sayOld();
  answers.querySelector("[data-no-answer]")?.remove();
}

const sayOld = () => answers.querySelector(".answer")?.classList.add("is-old");
const isOnItsWay = () => unsaved.size > 0 || acting > 0;

function later() {
  if (isOnItsWay()) return; // it asks for the answer once it came back
  sayOld();
  clearTimeout(waiting);
  waiting = setTimeout(ask, SOON);
}

async function ask() {
  const mine = revision;
  asking?.abort();
  asking = new AbortController(); // what a later tap overtakes is not waited for
  try {
    const text = await part(exam.dataset.answer, { signal: asking.signal });
    if (mine !== revision) return; // a later tap asks for itself
    const open = [...answers.querySelectorAll("details[open][id]")].map((one) => one.id);
    const had = answers.contains(document.activeElement) ? document.activeElement.name : null;
    fillAround(answers, "form[data-impression]", text);
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    if (had) answers.querySelector(`[name="${CSS.escape(had)}"]:checked, [name="${CSS.escape(had)}"]`)?.focus();
    performance.mark("answer shown");
    clearTimeout(speaking);
    speaking = setTimeout(() => {
      status.textContent = answers.querySelector("[data-headline]")?.textContent ?? "";
    }, SPEAK);
  } catch (error) {
    if (error.name === "AbortError" || mine !== revision) return;
    const shown = answers.querySelector(".answer");
    if (shown && !shown.querySelector("[data-no-answer]")) {
      const words = document.createElement("p");
      words.dataset.noAnswer = "";
      words.className = "note high";
      words.textContent = "The inference did not answer. Your findings are saved.";
      shown.prepend(words);
    }
  }
}

// On paper the findings stand open.
addEventListener("beforeprint", () => {
  for (const list of exam.querySelectorAll(".recorded:not([open])")) {
    list.open = true;
    list.dataset.closed = "";
  }
});
addEventListener("afterprint", () => {
  for (const list of exam.querySelectorAll(".recorded[data-closed]")) {
    list.open = false;
    delete list.dataset.closed;
  }
});

// --------------------------------------------------- the picture by keyboard

roving(views, "a.zone");
roving(zones, ".zone-picture a.place", wholeBody);

// To a row by its name: its place comes in, the row is opened and has the focus.
async function openRow(address, key) {
  if (places.querySelector("[data-place-form]")?.getAttribute("action") !== address) await openPlace(address);
  const row = places.querySelector(`[data-row="${CSS.escape(key)}"]`);
  if (!row) return;
  for (let around = row.closest("details"); around; around = around.parentElement.closest("details")) around.open = true;
  (row.querySelector("input[type=radio][name^='f:']:checked") ?? row.querySelector("input:not([type=hidden])")).focus({ preventScroll: true });
  row.closest(".thing").scrollIntoView({ block: "start" });
}

const placeNow = () => Number(places.querySelector("[data-place-form]")?.dataset.number ?? 0);
const jump = jumping(exam.querySelector("[data-jump]"), { openRow, placeNow, say: (words) => (status.textContent = words) });
for (const holder of [views, zones]) {
  holder.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    jump.focus();
  });
}
bringBack();
