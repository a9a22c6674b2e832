// While a course is being computed its progress is asked for every two seconds, also after an answer
// that did not come; when it is done, the page comes anew. Whoever is reading is not moved until then:
// only the bars change.
const state = document.querySelector("[data-weeks-state]");

async function look() {
  const answer = await fetch(state.dataset.address).catch(() => null);
  // Nobody is signed in any more, or may see it: asking again would be refused again and written down.
  if (answer?.redirected || (answer?.status >= 400 && answer.status < 500)) return;
  const running = answer?.ok && (await answer.json().catch(() => ({}))).running;
  if (!running) {
    setTimeout(look, 2000);
    return;
  }
  const bars = state.querySelectorAll("progress");
  if (running.length < bars.length) {
    location.reload();
    return;
  }
  running.forEach(([done, total], place) => {
    bars[place].max = total || 1000;
    bars[place].value = done;
  });
  setTimeout(look, 2000);
}

if (state && "running" in state.dataset) setTimeout(look, 1000);
