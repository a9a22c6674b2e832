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

const store = async (mode) => {
  const opening = indexedDB.open(NAME, 1);
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

export const forget = () => indexedDB.deleteDatabase(NAME);

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
        const iv = crypto.getRandomValues(new Uint8Array(12));
        const how = { name: "AES-GCM", iv, additionalData: bound };
        const sealed = await crypto.subtle.encrypt(how, key, letters.encode(JSON.stringify(content)));
        await asked((await store("readwrite")).put({ name, tag, iv, sealed }));
      },
      async take() {
        const row = await asked((await store("readonly")).get(name));
        if (!row) return null;
        const how = { name: "AES-GCM", iv: row.iv, additionalData: bound };
        return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt(how, key, row.sealed)));
      },
      async drop() {
        await asked((await store("readwrite")).delete(name));
      },
    };
  } catch {
    return null;
  }
};
