// Passkeys: asks the browser for a key and sends what it answers. A form with data-passkey says what
// to do: "make" a key, or "show" one; "data-ask" names where the question is fetched, if it is not
// on the page already.
const text = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const bytes = (value) =>
  Uint8Array.from(atob(value.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
const named = (list) => (list ?? []).map((item) => ({ ...item, id: bytes(item.id) }));

async function make({ publicKey }) {
  return navigator.credentials.create({
    publicKey: {
      ...publicKey,
      challenge: bytes(publicKey.challenge),
      user: { ...publicKey.user, id: bytes(publicKey.user.id) },
      excludeCredentials: named(publicKey.excludeCredentials),
      authenticatorSelection: {
        ...publicKey.authenticatorSelection,
        residentKey: "required",
        requireResidentKey: true,
        userVerification: "required",
      },
    },
  });
}

async function show({ publicKey }) {
  return navigator.credentials.get({
    publicKey: {
      ...publicKey,
      challenge: bytes(publicKey.challenge),
      allowCredentials: named(publicKey.allowCredentials),
    },
  });
}

function answer(key) {
  const { response } = key;
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  return {
    id: key.id,
    rawId: text(key.rawId),
    type: key.type,
    clientExtensionResults: key.getClientExtensionResults(),
    authenticatorAttachment: key.authenticatorAttachment ?? undefined,
    response: Object.fromEntries(parts.filter((part) => response[part]).map((part) => [part, text(response[part])])),
  };
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const said = form.querySelector("[role=status]");
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    if (form.elements.credential.value) return;
    event.preventDefault();
    try {
      const ask = form.dataset.ask;
      const question = ask
        ? await (await fetch(ask, { headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" } })).json()
        : JSON.parse(document.getElementById("js_data").textContent);
      const key = form.dataset.passkey === "make"
        ? await make(question.creation_options)
        : await show(question.request_options);
      form.elements.credential.value = JSON.stringify(answer(key));
      form.requestSubmit();
    } catch {
      said.textContent = "No passkey was given. Try again, or use another way.";
    }
  });
}
