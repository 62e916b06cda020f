// The operator's page: what is pressed goes into a queue of this device first, and from there to
// the portal, under its own key and with the time it was pressed: again and again until there is an
// answer. A refused one stays until the person discards it.
"use strict";

const page = document.querySelector("[data-steps]");
const STORE = `interlock.steps.${page.dataset.who}`;
const [POLL_MS, FIRST_MS, LAST_MS, ANSWER_MS] = [20000, 1500, 60000, 20000];
// A page that the device had kept: there is no line, and it is as of then.
const isKept = page.dataset.kept !== undefined;
// The portal's clock, which may not be this device's; a kept page has an old one.
const skew = isKept ? Number(recall("interlock.skew")) || 0 : Date.parse(page.dataset.now) - Date.now();
let seenAt = Date.parse(page.dataset.now);
let [timer, wait, sending] = [null, FIRST_MS, false];

function queue() {
  try {
    const kept = JSON.parse(localStorage.getItem(STORE));
    return Array.isArray(kept) ? kept : [];
  } catch {
    return [];
  }
}

function recall(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

// False where the device keeps nothing: then a form is sent as it is.
function keep(items) {
  try {
    localStorage.setItem(STORE, JSON.stringify(items));
    return true;
  } catch {
    return false;
  }
}

function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((each) => each.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function clock(moment) {
  const how = { hour: "2-digit", minute: "2-digit", timeZone: page.dataset.zone };
  return new Date(moment).toLocaleTimeString("en-GB", how);
}

function line(text, small) {
  const words = document.createElement("span");
  words.textContent = text;
  if (small) words.append(Object.assign(document.createElement("small"), { textContent: small }));
  return words;
}

function button(text, name, item) {
  const made = Object.assign(document.createElement("button"), { type: "button", className: "il-btn", textContent: text });
  made.dataset[name] = item.key;
  return made;
}

// What this device still has to send, and what was refused.
function show() {
  const [box, items] = [document.getElementById("steps-queue"), queue()];
  const waiting = items.filter((item) => !item.refused);
  const refused = items.filter((item) => item.refused);
  box.hidden = items.length === 0;
  box.classList.toggle("has-refused", refused.length > 0);
  const heads = [];
  if (waiting.length) {
    const count = waiting.length === 1 ? "1 action waiting" : `${waiting.length} actions waiting`;
    heads.push(`${count}, since ${clock(waiting[0].at)}`);
  }
  if (refused.length) heads.push(`${refused.length} not done`);
  const head = document.createElement("p");
  head.textContent = heads.join("; ");
  const list = document.createElement("ul");
  for (const item of items) {
    const row = document.createElement("li");
    const why = item.refused ? item.refused.join(" ") : item.trouble || "";
    row.append(line(`${item.says}, pressed ${clock(item.at)}`, why));
    if (item.refused) row.append(button("Discard", "discard", item));
    list.append(row);
  }
  box.replaceChildren(head, list);
  document.querySelectorAll("[data-waits]").forEach((card) => delete card.dataset.waits);
  for (const item of waiting) {
    const card = document.querySelector(`[data-card="${CSS.escape(item.step)}"]`);
    if (card) card.dataset.waits = "1";
  }
}

function change(key, how) {
  keep(queue().flatMap((item) => (item.key === key ? how(item) : [item])));
}

// Whether the portal was reached just now, and since when it was not.
function lineIs(up) {
  const box = document.getElementById("steps-offline");
  if (up) seenAt = Date.now() + skew;
  else document.getElementById("steps-offline-at").textContent = clock(seenAt);
  box.hidden = up;
}

// "done", "refused" or "again": with no answer, or none of the portal's own, nothing is known.
async function send(item) {
  const token = document.querySelector("[name=csrfmiddlewaretoken]");
  const body = new URLSearchParams(item.fields);
  body.set("key", item.key);
  body.set("pressed_at", item.at);
  let answer;
  try {
    answer = await fetch(page.dataset.act, {
      method: "POST", body, redirect: "manual", signal: AbortSignal.timeout(ANSWER_MS),
      headers: { Accept: "application/json", "X-CSRFToken": token ? token.value : "" },
    });
  } catch {
    lineIs(false);
    return ["again", "No line."];
  }
  lineIs(true);
  if (answer.type === "opaqueredirect") return ["again", "Sign in again in another tab; nothing is lost."];
  if (!(answer.headers.get("Content-Type") || "").startsWith("application/json")) {
    return ["again", answer.status === 403 ? "This page is old: reload it; nothing is lost." : "The portal does not answer."];
  }
  const told = await answer.json();
  if (answer.ok) return ["done", []];
  const reasons = (told.refused || []).map((each) => `${each.text} ${each.fix}`);
  const since = (told.meanwhile || []).map((each) => `${each.at ? `${clock(each.at)} ` : ""}${each.by}: ${each.what}.`);
  return ["refused", [...reasons, ...since]];
}

async function flush() {
  if (sending) return;
  sending = true;
  clearTimeout(timer);
  let sent = false;
  try {
    for (let item = next(); item; item = next()) {
      const [came, what] = await send(item);
      if (came === "again") {
        change(item.key, (old) => [{ ...old, trouble: what }]);
        timer = setTimeout(flush, wait * (0.75 + Math.random() / 2));
        wait = Math.min(wait * 2, LAST_MS);
        break;
      }
      [sent, wait] = [true, FIRST_MS];
      change(item.key, (old) => (came === "done" ? [] : [{ ...old, refused: what }]));
      show();
    }
  } finally {
    sending = false;
  }
  show();
  if (sent) await refresh(true);
}

function next() {
  return queue().find((item) => !item.refused);
}

function busy() {
  const typed = [...document.querySelectorAll("#steps-body input[type=text]")].some((each) => each.value !== "");
  return typed || document.querySelector("#steps-body details[open]") !== null;
}

// What the night looks like now, unless somebody is in the midst of typing. A page that the device
// had kept is opened anew once there is a line.
async function refresh(surely) {
  if (document.hidden || (busy() && !surely)) return;
  try {
    const answer = await fetch(page.dataset.steps, { redirect: "manual", signal: AbortSignal.timeout(ANSWER_MS) });
    lineIs(true);
    if (isKept) return location.reload();
    if (answer.status !== 200 || (busy() && !surely)) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("steps-body");
    if (fresh === null) return;
    document.getElementById("steps-body").replaceWith(document.adoptNode(fresh));
    ready();
    show();
  } catch {
    // No line: the next round asks again.
    lineIs(false);
  }
}

function ready() {
  document.querySelectorAll("[data-copy]").forEach((each) => { each.hidden = false; });
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-queue]");
  if (!form || event.defaultPrevented) return;
  const fields = [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken");
  const told = Object.fromEntries(fields);
  const before = queue();
  // Pressed twice: the first one is under way.
  if (before.some((item) => item.step === told.step && item.fields.move === told.move && !item.refused)) {
    event.preventDefault();
    return;
  }
  // An action before it is still under way: the version it leads to is not known here.
  if (before.some((item) => item.step === told.step && !item.refused)) delete told.version;
  const item = { key: newKey(), at: new Date(Date.now() + skew).toISOString(), step: told.step, says: form.dataset.says, fields: told };
  if (!keep([...before, item])) return;
  event.preventDefault();
  form.reset();
  form.closest("details")?.removeAttribute("open");
  delete form.dataset.sent;
  wait = FIRST_MS;
  show();
  flush();
});

document.addEventListener("click", async (event) => {
  const [discard, copy] = [event.target.closest("[data-discard]"), event.target.closest("[data-copy]")];
  if (discard) {
    change(discard.dataset.discard, () => []);
    show();
    refresh();
  }
  if (!copy) return;
  const code = copy.parentElement.querySelector("code");
  try {
    await navigator.clipboard.writeText(code.textContent);
    copy.setAttribute("aria-label", "Copied");
    copy.classList.add("is-main");
    setTimeout(() => copy.classList.remove("is-main"), 1200);
  } catch {
    // Without permission the line is marked, to be copied by hand.
    getSelection().selectAllChildren(code);
  }
});

// s, d, x, c: the first step on the page that has such a button.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || !"sdxc".includes(event.key)) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const target = document.querySelector(`#steps-body [data-key="${event.key}"]`);
  if (!target) return;
  event.preventDefault();
  const missing = target.form?.querySelector(":invalid");
  if (missing) return missing.focus();
  target.click();
});

window.addEventListener("online", () => { flush().then(() => refresh(false)); });
window.addEventListener("offline", () => lineIs(false));
document.addEventListener("visibilitychange", () => { if (!document.hidden) { flush(); refresh(false); } });
// The page opens without a line too, from what a worker of this device keeps of it.
async function keepPage() {
  try {
    const found = await navigator.serviceWorker.register(page.dataset.worker);
    if (navigator.serviceWorker.controller) return;
    await navigator.serviceWorker.ready;
    const parts = [...document.querySelectorAll("link[rel=stylesheet], script[src]")];
    found.active?.postMessage({ files: parts.map((each) => each.href || each.src) });
  } catch {
    // A browser that keeps nothing: the page works while there is a line.
  }
}

setInterval(() => refresh(false), POLL_MS);
if (isKept) lineIs(false);
else try { localStorage.setItem("interlock.skew", String(skew)); } catch { /* Then none is known. */ }
if ("serviceWorker" in navigator) keepPage();
ready();
show();
flush();
