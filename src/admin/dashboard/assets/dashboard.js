// Keeps parts of an open page fresh: each `data-live` part is replaced by what the server renders now.
// Without it the pages say the same, as of when they were loaded.
const REFRESH_MS = 5000;
const state = document.getElementById("live-state");
const regions = () => [...document.querySelectorAll("[data-live][id]")];

let timer;
let isRunning = false;

/** Asks for this page again and takes the live parts of it over. */
async function refresh() {
  if (isRunning || document.hidden) return;
  isRunning = true;
  try {
    const answer = await fetch(location.pathname + location.search, {
      headers: { "X-Dashboard-Live": "1" },
      redirect: "error",
    });
    if (answer.status === 401) return end("Your session is over: load the page to log in again.");
    if (!answer.ok) return tell(`The steward answered ${answer.status}; what you see is older.`);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const region of regions()) take(region, page.getElementById(region.id));
    tell("");
  } catch {
    tell("The steward does not answer; what you see is older.");
  } finally {
    isRunning = false;
  }
}

/** Replaces a part, but not under somebody's hands. */
function take(region, fresh) {
  if (fresh === null || region.innerHTML === fresh.innerHTML) return;
  if (region.contains(document.activeElement) && document.activeElement !== document.body) return;
  const selection = document.getSelection();
  if (selection?.type === "Range" && region.contains(selection.anchorNode)) return;
  for (const open of region.querySelectorAll("details[open][id]")) {
    fresh.querySelector(`#${CSS.escape(open.id)}`)?.setAttribute("open", "");
  }
  const scrolled = [...region.querySelectorAll(".scroll")].map((one) => one.scrollLeft);
  region.replaceChildren(...fresh.childNodes);
  for (const [i, one] of [...region.querySelectorAll(".scroll")].entries()) {
    one.scrollLeft = scrolled[i] ?? 0;
  }
}

function tell(text) {
  if (state !== null && state.textContent !== text) state.textContent = text;
}

function end(text) {
  clearInterval(timer);
  tell(text);
}

if (regions().length > 0) {
  timer = setInterval(refresh, REFRESH_MS);
  document.addEventListener("visibilitychange", refresh);
}
