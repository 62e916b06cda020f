// The live page of a board meeting: fetches what changed, runs the timer, listens to keys.
"use strict";

const POLL_MS = 3000;
const PARTS = ["meet-title", "meet-docket", "meet-item", "meet-side"];
const board = document.querySelector("[data-board]");
let tag = board.dataset.tag;

function typed() {
  const field = document.getElementById("meet-comment");
  return field !== null && field.value.trim() !== "";
}

// Replace every part but one in which somebody is typing; what has the focus keeps it.
function take(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  for (const id of PARTS) {
    const [old, now] = [document.getElementById(id), fresh.getElementById(id)];
    if (old === null || now === null) continue;
    if (id === "meet-item") {
      document.getElementById("meet-behind").hidden = !typed();
      if (typed()) continue;
    }
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    const open = [...old.querySelectorAll("details[open]")].map((each) => each.id).filter(Boolean);
    old.replaceWith(document.adoptNode(now));
    open.forEach((name) => { const each = document.getElementById(name); if (each) each.open = true; });
    if (focused === null) continue;
    const same = focused.id ? document.getElementById(focused.id)
      : now.querySelector(`[name="move"][value="${CSS.escape(focused.value || "")}"]`);
    if (same) same.focus();
  }
}

async function poll() {
  if (document.hidden) return;
  try {
    const answer = await fetch(board.dataset.board, { headers: { "If-None-Match": tag }, redirect: "error" });
    if (answer.status !== 200) return;
    take(await answer.text());
    // Whoever is behind asks for the whole page again until they caught up.
    tag = document.getElementById("meet-behind").hidden ? answer.headers.get("ETag") : "";
  } catch {
    // No network for a moment: the next round asks again.
  }
}

function tick() {
  const timer = document.querySelector(".il-meet-timer[data-since]");
  if (timer === null) return;
  if (!timer.dataset.skew) timer.dataset.skew = String(Date.now() - Date.parse(timer.dataset.now));
  const since = Date.parse(timer.dataset.since) + Number(timer.dataset.skew);
  const seconds = Number(timer.dataset.seconds) + Math.max(0, Math.floor((Date.now() - since) / 1000));
  timer.firstElementChild.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  timer.classList.toggle("is-over", seconds > 60 * Number(timer.dataset.limit));
}

// A key goes to its link, or to its button, which Enter then presses: nothing is signed by a slip.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const target = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (target === null) return;
  event.preventDefault();
  if (target.tagName === "A" || target.getAttribute("aria-disabled") === "true") target.click();
  else if ("comment" in target.dataset && !typed()) document.getElementById("meet-comment").focus();
  else target.focus();
});

setInterval(poll, POLL_MS);
setInterval(tick, 1000);
tick();
