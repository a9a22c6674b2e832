// What htmx may put into a page. The site lets no script make markup from text; this one policy lets
// through what a page of ours sent, and only if nothing in it could run or reach elsewhere.
const RUNS = /<(script|iframe|object|embed|base|meta|link|style)\b/i;
const LEADS = /\b(href|src|action|formaction)\s*=\s*["']?\s*javascript:/i;
const ACTS = /["'\s/]on\w+\s*=/i;
// A tag with its values, which are text: somebody may well type "since onset = 2019".
const TAG = /<[a-z](?:"[^"]*"|'[^']*'|[^"'>])*/gi;
const VALUE = /"[^"]*"|'[^']*'/g;

const runs = (text) =>
  RUNS.test(text) || (text.match(TAG) ?? []).some((tag) => LEADS.test(tag) || ACTS.test(tag.replace(VALUE, '""')));
// The parts of a whole page that are no part of what is swapped.
const FRAME = /<head\b[\s\S]*?<\/head\s*>|<script\b[^>]*>\s*<\/script\s*>/gi;

globalThis.trustedTypes?.createPolicy("default", {
  createHTML: (text) => {
    const left = text.replace(FRAME, "");
    if (runs(left)) throw new TypeError("This markup is not put into the page.");
    return left;
  },
});

// A screen that locked meanwhile, or a sign-in that ended: go there, do not show it within the page.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, pathInfo } = event.detail;
  const came = new URL(xhr.responseURL, location).pathname;
  if (came !== new URL(pathInfo.finalRequestPath ?? pathInfo.requestPath, location).pathname) {
    event.detail.shouldSwap = false;
    location.assign(xhr.responseURL);
  }
});

// What was asked for is read out: the answer, or what was wrong.
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "main") return;
  document.querySelector("#main .problem, #main [data-focus]")?.focus();
});
