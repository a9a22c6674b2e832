// A form that saves itself: 800 ms after the last key or choice, and when a field is left. It says
// what is saved and what is not; a save that was overtaken elsewhere stops and says so.
const form = document.querySelector("form[data-saves]");

const content = (form) => {
  const body = new URLSearchParams(new FormData(form));
  for (const name of ["csrfmiddlewaretoken", "revision"]) body.delete(name);
  return body.toString();
};

if (form) {
  const said = form.querySelector("[data-said]");
  let stands = content(form);
  let waiting;
  let last = Promise.resolve();
  let stopped = false;

  const save = async () => {
    const now = content(form);
    if (stopped || now === stands) return;
    const body = new URLSearchParams(new FormData(form));
    body.set("save_quietly", "1");
    said.textContent = "Saving";
    try {
      const answer = await fetch(form.action, { method: "POST", body });
      if (answer.status === 409) {
        stopped = true;
        said.textContent = "Typed on elsewhere. Continue or save here to see both.";
        return;
      }
      if (!answer.ok || answer.redirected) throw new Error("not saved");
      form.elements.revision.value = await answer.text();
      stands = now;
      said.textContent = `Saved ${new Date().toTimeString().slice(0, 5)}`;
    } catch {
      said.textContent = "Not saved yet. Stay on this page; it is tried again.";
      waiting = setTimeout(queue, 5000);
    }
  };
  const queue = () => {
    clearTimeout(waiting);
    last = last.then(save);
  };
  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(queue, 800);
  };
  form.addEventListener("input", soon);
  form.addEventListener("change", queue);
  form.addEventListener("focusout", queue);
  queue();
}
