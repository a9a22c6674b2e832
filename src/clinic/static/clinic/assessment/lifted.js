// A tap is a press and a lift on one thing. What comes anew between the two would take that thing away
// and the tap with it: it waits until the finger or the button is up.
const LONGEST = 1000; // ms; a lift outside the window is never heard of
const AFTER = 50; // ms; the click of a lift comes sooner, and not every lift is one
let up = Promise.resolve();
let lift = () => {};

addEventListener("pointerdown", () => {
  lift();
  up = new Promise((done) => (lift = done));
});
addEventListener("click", () => lift()); // heard after all who act on it
addEventListener("pointerup", () => setTimeout(lift, AFTER));
addEventListener("pointercancel", () => lift());

export const lifted = () => Promise.race([up, new Promise((done) => setTimeout(done, LONGEST))]);
