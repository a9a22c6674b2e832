// Presses the one button of a mailed link's page. Who comes back to that page, by the browser's own
// way, presses it for themselves: nobody is caught between two pages.
const [arrival] = performance.getEntriesByType("navigation");
if (arrival?.type !== "back_forward") document.querySelector("[data-opens]")?.requestSubmit();
