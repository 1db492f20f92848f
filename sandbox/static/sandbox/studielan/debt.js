// Fetches the debt after the page is there, so that nobody's log-in waits for Lånekassen. Without scripts a link does it.
"use strict";

const part = document.getElementById("debt-part");
const stop = new AbortController();
const late = setTimeout(() => stop.abort(), 30000);

function show(template) {
  part.replaceChildren(document.getElementById(template).content.cloneNode(true));
}

async function load() {
  show("debt-waiting");
  part.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(part.dataset.from, { credentials: "same-origin", signal: stop.signal });
    if (!answer.ok && answer.status !== 403) throw new Error(String(answer.status));
    part.innerHTML = await answer.text();
  } catch {
    show("debt-late");
  } finally {
    clearTimeout(late);
    part.setAttribute("aria-busy", "false");
  }
}

load();
