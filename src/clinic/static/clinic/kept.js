// What could not be sent is kept on this device, sealed. The key is made from a secret that the page
// brings and the session on the server holds; it is never stored here and cannot be taken out again.
// When the session has ended nobody can read what is left, and the next page of the site deletes it.
const NAME = "kept";
const STORE = "drafts";
const letters = new TextEncoder();

const asked = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

// What was put there is there once the whole of it is written: a full disk says so only then.
const done = (transaction) =>
  new Promise((resolve, reject) => {
    transaction.addEventListener("complete", resolve);
    transaction.addEventListener("abort", () => reject(transaction.error));
  });

const store = async (mode, name = NAME) => {
  const opening = indexedDB.open(name, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, { keyPath: "name" });
  const database = await asked(opening);
  const transaction = database.transaction(STORE, mode);
  transaction.oncomplete = () => database.close();
  return transaction.objectStore(STORE);
};

const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

const keyOf = async (secret) => {
  const base = await crypto.subtle.importKey("raw", letters.encode(secret), "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: letters.encode("kept drafts") };
  return crypto.subtle.deriveKey(how, base, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
};

const opened = async (key, row, bound) => {
  const how = { name: "AES-GCM", iv: row.iv, additionalData: bound };
  return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt(how, key, row.sealed)));
};

const closed = async (key, content, bound) => {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const how = { name: "AES-GCM", iv, additionalData: bound };
  return { iv, sealed: await crypto.subtle.encrypt(how, key, letters.encode(JSON.stringify(content))) };
};

export const forget = () => {
  indexedDB.deleteDatabase(NAME);
  if (globalThis.indexedDB) dropOld().catch(() => null);
};

// The place for one form, or null where the browser has none of this (no secure context).
export const placeOf = async (secret, tag, form) => {
  if (!globalThis.crypto?.subtle || !globalThis.indexedDB || !secret) return null;
  try {
    const key = await keyOf(secret);
    const name = hex(await crypto.subtle.digest("SHA-256", letters.encode(secret + form)));
    const bound = letters.encode(tag + name);
    const all = await asked((await store("readonly")).getAll());
    const strange = all.filter((row) => row.tag !== tag);
    if (strange.length) {
      const rows = await store("readwrite");
      for (const row of strange) rows.delete(row.name);
    }
    return {
      async keep(content) {
        const sealed = await closed(key, content, bound);
        const rows = await store("readwrite");
        rows.put({ name, tag, ...sealed });
        await done(rows.transaction);
      },
      async take() {
        const row = await asked((await store("readonly")).get(name));
        if (!row) return null;
        return opened(key, row, bound);
      },
      async drop() {
        await asked((await store("readwrite")).delete(name));
      },
    };
  } catch {
    return null;
  }
};

// What outlives the session: readings that were tapped, and what was typed into a form, until the
// clinic has taken it. The secret is the person's own, made on the server and given to nobody else,
// so that whoever signs in here meanwhile can neither read nor send it. Each lies under a name of its
// own, so two pages do not meet. A page brings several secrets: the first one seals, and what an
// earlier one sealed is opened still.
const LASTING = "kept readings"; // by what was kept first
const DAYS = 7;
const AT_ONCE = 100; // marks in one question
const PATIENCE = 3000; // ms; what was typed is not kept waiting for this

const dropOld = async () => {
  const rows = await store("readwrite", LASTING);
  for (const row of await asked(rows.getAll())) if (Date.now() - row.at > DAYS * 86_400_000) rows.delete(row.name);
};

export const lastingOf = async (secrets, page) => {
  if (!globalThis.crypto?.subtle || !globalThis.indexedDB || !secrets) return null;
  try {
    const ways = await Promise.all(
      secrets.split(" ").map(async (secret) => {
        const named = async (words) => hex(await crypto.subtle.digest("SHA-256", letters.encode(secret + words)));
        return { key: await keyOf(secret), named, group: await named(page) };
      }),
    );
    const bound = (group, name) => letters.encode(group + name);
    const namesOf = (of) => Promise.all(ways.map(({ named }) => named(`${page} ${of}`)));
    await dropOld();
    return {
      // A mark of what was kept: what came after under the same name is not dropped with it. What is
      // on its way to the clinic says so in clear, so that any page can ask whether it was taken.
      async keep(of, content, { isSent = false, at = Date.now() } = {}) {
        const [name, ...former] = await namesOf(of);
        const [{ key, group }] = ways;
        const mark = hex(crypto.getRandomValues(new Uint8Array(8)));
        const sealed = await closed(key, content, bound(group, name));
        const rows = await store("readwrite", LASTING);
        for (const old of former) rows.delete(old);
        rows.put({ name, group, mark, at, ...(isSent ? { sent: of } : {}), ...sealed });
        await done(rows.transaction);
        return mark;
      },
      async drop(of, mark) {
        const names = await namesOf(of);
        const rows = await store("readwrite", LASTING);
        for (const name of names) {
          const asking = rows.get(name);
          asking.onsuccess = () => {
            if (asking.result?.mark === mark) rows.delete(name);
          };
        }
        await done(rows.transaction);
      },
      async all() {
        const rows = await asked((await store("readonly", LASTING)).getAll());
        rows.sort((one, other) => one.at - other.at);
        const found = [];
        for (const row of rows) {
          const way = ways.find(({ group }) => group === row.group);
          const content = way && (await opened(way.key, row, bound(row.group, row.name)).catch(() => null));
          if (content) found.push({ content, mark: row.mark, at: row.at, isSent: "sent" in row });
        }
        return found;
      },
    };
  } catch {
    return null;
  }
};

// Let go of forms that the clinic has taken; whether it answered. A form that was sent and whose
// answer did not come stays, whoever asks.
export const settle = async (token) => {
  if (!globalThis.indexedDB) return true;
  try {
    const rows = await asked((await store("readonly", LASTING)).getAll());
    const sent = rows.filter((row) => row.sent).sort((one, other) => other.at - one.at);
    const taken = [];
    for (let from = 0; from < sent.length; from += AT_ONCE) {
      const body = new URLSearchParams(sent.slice(from, from + AT_ONCE).map((row) => ["mark", row.sent]));
      const how = { method: "POST", body, headers: { "X-CSRFToken": token }, signal: AbortSignal.timeout(PATIENCE) };
      const answer = await fetch("/account/taken/", how);
      if (!answer.ok || answer.redirected) return false;
      taken.push(...(await answer.json()).taken);
    }
    if (!taken.length) return true;
    const left = await store("readwrite", LASTING);
    for (const row of sent) {
      if (!taken.includes(row.sent)) continue;
      if ((await asked(left.get(row.name)))?.mark === row.mark) left.delete(row.name);
    }
    return true;
  } catch {
    return false;
  }
};
