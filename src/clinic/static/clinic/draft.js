// A note that saves itself: 800 ms after the last key, and when its field is left. It says what is
// saved and what is not; a save that was overtaken elsewhere stops and says so.
const form = document.querySelector("form[data-draft]");

if (form) {
  const text = form.elements.text;
  const said = form.querySelector("[data-said]");
  let kept = text.defaultValue; // what the page came with: typing may begin before this script does
  let waiting;
  let last = Promise.resolve();

  const save = async () => {
    if (text.value === kept || !text.value.trim()) return;
    const sent = text.value;
    const body = new FormData(form);
    body.set("save_quietly", "1");
    said.textContent = "Saving";
    try {
      const answer = await fetch(form.action, { method: "POST", body });
      if (answer.status === 409) {
        said.textContent = "Typed on in another page. Save here to see both.";
        return;
      }
      if (!answer.ok || answer.redirected) throw new Error("not saved");
      const revision = await answer.text();
      if (revision) form.elements.revision.value = revision;
      kept = sent;
      const now = new Date();
      said.textContent = `Saved ${now.toTimeString().slice(0, 5)}`;
    } catch {
      said.textContent = "Not saved yet. Stay on this page; it is tried again.";
      waiting = setTimeout(queue, 5000);
    }
  };
  const queue = () => {
    clearTimeout(waiting);
    last = last.then(save);
  };
  text.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(queue, 800);
  });
  text.addEventListener("blur", queue);
  queue();
}
