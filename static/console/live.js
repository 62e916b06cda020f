// The command centre: asks every few seconds for what changed and puts it in place.
"use strict";

const POLL_MS = 5000;
const page = document.querySelector("[data-live]");
const fresh = document.getElementById("live-fresh");
const lost = document.getElementById("live-lost");
let tag = "";
let answeredAt = Date.now();
let lostSince = null;

// Parts are replaced one by one where they differ; focus, scroll and open details stay.
function take(html) {
  const now = new DOMParser().parseFromString(html, "text/html");
  for (const part of now.querySelectorAll("#live-parts [id^=live-]:is(section, p)")) {
    const old = document.getElementById(part.id);
    if (old === null) { location.reload(); return; }
    if (plain(old) === plain(part)) continue;
    const open = [...old.querySelectorAll("details[open]")].map((each) => each.id);
    const scrolled = [...old.querySelectorAll(".il-scroll")].map((each) => [each.id, each.scrollLeft]);
    const focus = old.contains(document.activeElement) ? document.activeElement : null;
    const [id, href] = [focus?.id, focus?.getAttribute("href")];
    old.replaceWith(document.adoptNode(part));
    open.forEach((name) => { const each = name && document.getElementById(name); if (each) each.open = true; });
    scrolled.forEach(([name, left]) => { const each = name && document.getElementById(name); if (each) each.scrollLeft = left; });
    if (focus === null) continue;
    const same = id ? document.getElementById(id) : href ? part.querySelector(`[href="${CSS.escape(href)}"]`) : null;
    same?.focus({ preventScroll: true });
  }
}

// Tokens against forgery and opened details differ without anything having changed.
function plain(part) {
  const copy = part.cloneNode(true);
  copy.querySelectorAll("[name=csrfmiddlewaretoken]").forEach((each) => each.remove());
  copy.querySelectorAll("details").forEach((each) => each.removeAttribute("open"));
  return copy.outerHTML;
}

function answered() {
  answeredAt = Date.now();
  lostSince = null;
  lost.hidden = true;
}

function failed() {
  if (lostSince === null) lostSince = new Date(answeredAt);
  document.getElementById("live-lost-at").textContent = lostSince.toTimeString().slice(0, 8);
  lost.hidden = false;
}

async function poll() {
  if (document.hidden) return;
  try {
    const answer = await fetch(page.dataset.live, { headers: { "If-None-Match": tag }, redirect: "error" });
    if (answer.status === 200) {
      take(await answer.text());
      tag = answer.headers.get("ETag") ?? "";
    } else if (answer.status !== 304) {
      failed();
      return;
    }
    answered();
  } catch {
    failed();
  }
}

function tick() {
  const seconds = Math.round((Date.now() - answeredAt) / 1000);
  fresh.textContent = lostSince === null ? `refreshed ${seconds} s ago` : "";
}

document.addEventListener("visibilitychange", poll);
setInterval(poll, POLL_MS);
setInterval(tick, 1000);
poll();
