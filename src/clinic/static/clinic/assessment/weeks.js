// While a course is being computed its state is asked for every two seconds; when it is done, the
// page comes anew. Whoever is reading is not moved: only the state changes until then.
const state = document.querySelector("[data-weeks-state]");
const trusted = window.trustedTypes?.createPolicy("weeks", { createHTML: (text) => text });

async function look() {
  const answer = await fetch(state.dataset.address, { headers: { "X-Part": "yes" } });
  if (answer.redirected || !answer.ok) return;
  const text = await answer.text();
  const made = new DOMParser().parseFromString(trusted ? trusted.createHTML(text) : text, "text/html");
  if (!made.querySelector("progress")) {
    location.reload();
    return;
  }
  const [old, now] = [state.querySelector("progress"), made.querySelector("progress")];
  if (old && now) {
    old.max = now.max;
    old.value = now.value;
  }
  setTimeout(look, 2000);
}

if (state && "running" in state.dataset) setTimeout(look, 1000);
