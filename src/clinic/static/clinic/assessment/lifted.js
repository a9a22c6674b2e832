// A tap is a press and a lift on one thing. What comes anew between the two would take that thing away
// and the tap with it: it waits until the finger or the button is up.
const LONGEST = 1000; // ms; a lift outside the window is never heard of
let up = Promise.resolve();
let lift = () => {};

addEventListener("pointerdown", () => {
  lift();
  up = new Promise((done) => (lift = done));
});
for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => setTimeout(lift)); // the click comes first

export const lifted = () => Promise.race([up, new Promise((done) => setTimeout(done, LONGEST))]);
