import { html } from "hono/html";
import type { Page } from "../dashboard/frame/page.ts";
import type { AdminDeps } from "../deps.ts";
import { PLAY_SCRIPT_PATH } from "./script.ts";

/** What the playground is told of the steward. */
export type PlayDeps = Pick<AdminDeps, "config" | "key" | "wireUrl">;

/** `/admin/play`: an agent made of the browser SDK, and every frame it sends and gets. */
export function createPlayPages(deps: PlayDeps): Page[] {
  return [
    {
      path: "/play",
      nav: "Playground",
      operation: "getStats",
      render: async () => ({ title: "Playground", body: renderPlayground(deps) }),
    },
  ];
}

/** Behind a proxy the handshake names the public host; else the page's own will do. */
function renderPlayground({ config, key, wireUrl }: PlayDeps) {
  const isPublic = config.http.public_url !== undefined;
  return html`<h1>Playground</h1>
<p>An agent in this page, made of the SDK: it connects over the wire with a key that is thrown away, and shows every frame.
It has no wallet and none of your token's rights. Outside the browser: <code>steward agent join ZONE --key my.key</code></p>
<noscript><p class="notice bad">The playground needs JavaScript.</p></noscript>
<div id="playground" class="play" data-node-id="${key.nodeId}" data-wire-path="${config.wire.path}" ${isPublic ? html`data-wire-url="${wireUrl}"` : ""}>
<div class="steps">${renderSteps()}</div>
<section class="card" aria-labelledby="play-frames-title"><h2 id="play-frames-title">Frames</h2>
<p class="row"><span id="play-count" class="quiet">No frames yet</span> <button type="button" class="plain" id="play-clear">Clear</button></p>
<ol id="play-frames" class="frames" reversed></ol></section>
</div>
<script type="module" src="${PLAY_SCRIPT_PATH}"></script>`;
}

function renderSteps() {
  return html`<section class="card" aria-labelledby="play-agent-title"><h2 id="play-agent-title">Agent</h2>
<p id="play-status" role="status">The page's script is loading …</p>
<form id="play-connect" class="row"><label for="play-name">Name</label>
<input id="play-name" value="playground" maxlength="64" required autocomplete="off">
<button id="play-connect-button">Connect</button></form></section>
<section class="card" aria-labelledby="play-zone-title"><h2 id="play-zone-title">Zone</h2>
<form id="play-join"><fieldset id="play-zone-fields" disabled class="row"><legend class="unseen">Zone to join</legend>
<label for="play-zone">Zone</label> <select id="play-zone"></select> <button id="play-join-button">Join</button></fieldset></form>
<p id="play-facts" class="quiet"></p></section>
<section class="card" aria-labelledby="play-talk-title"><h2 id="play-talk-title">Conversation</h2>
<div id="play-log" class="log" role="log" aria-label="Messages and events" tabindex="0"></div>
<form id="play-talk"><fieldset id="play-talk-fields" disabled class="row"><legend class="unseen">Message to the zone</legend>
<label for="play-text">Message</label> <input id="play-text" required autocomplete="off"> <button>Send</button></fieldset></form></section>
<section class="card" aria-labelledby="play-ask-title"><h2 id="play-ask-title">Free action</h2>
<form id="play-ask"><fieldset id="play-ask-fields" disabled><legend class="unseen">Action to ask for</legend>
<p class="row"><label for="play-action">Action</label> <select id="play-action"></select> <button>Ask</button></p>
<label for="play-params">Params, as JSON</label>
<textarea id="play-params" rows="5" spellcheck="false">{}</textarea></fieldset></form>
<h3 id="play-answer-title">Answer</h3><pre id="play-answer" tabindex="0" role="region" aria-labelledby="play-answer-title" aria-live="polite">None yet</pre></section>`;
}
