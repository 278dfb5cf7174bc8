// Keeps parts of an open page fresh: each `data-live` part is replaced by what the server renders now.
// Without it the pages say the same, as of when they were loaded.
// What happens is told by the steward's feed; the rest (charts, who is connected) is looked at now and then.
const REFRESH_MS = 5000;
/** Of many events that come together one is acted on. */
const SOON_MS = 300;
const REST_MS = 1500;
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
  if (fresh === null || toShown(region) === toShown(fresh)) return;
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

/** Every form has a key of its own each time: nobody sees it, or needs to hear of it. */
function toShown(region) {
  return region.innerHTML.replaceAll(/name="key" value="[^"]*"/g, "");
}

function tell(text) {
  if (state !== null && state.textContent !== text) state.textContent = text;
}

function end(text) {
  clearInterval(timer);
  document.removeEventListener("visibilitychange", watch);
  following?.abort();
  following = undefined;
  tell(text);
}

let soon;
let refreshedMs = 0;
function refreshSoon() {
  if (soon !== undefined) return;
  const restMs = refreshedMs + REST_MS - performance.now();
  soon = setTimeout(
    async () => {
      soon = undefined;
      refreshedMs = performance.now();
      await refresh();
    },
    Math.max(SOON_MS, restMs),
  );
}

/** Every event has a name of its own: the stream is read by hand, which also takes names to come. */
async function follow(signal) {
  const answer = await fetch("/admin/events", { signal, headers: { "X-Dashboard-Live": "1" } });
  if (!answer.ok || answer.body === null) return;
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    if (/^event:/m.test(value)) refreshSoon();
  }
}

/** A hidden page holds no connection: browsers have few for one site. */
let following;
function watch() {
  following?.abort();
  following = undefined;
  if (document.hidden) return;
  refresh();
  const mine = new AbortController();
  following = mine;
  follow(mine.signal)
    .catch(() => undefined)
    .finally(() => {
      if (following === mine) setTimeout(() => following === mine && watch(), REFRESH_MS);
    });
}

if (regions().length > 0) {
  timer = setInterval(refresh, REFRESH_MS);
  document.addEventListener("visibilitychange", watch);
  watch();
}
