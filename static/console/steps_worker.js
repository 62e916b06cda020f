// Keeps the operator's page for a phone without a line: the page as it was last seen, and the files
// that it is made of, for the person who is signed in and for twelve hours. It sees nothing but
// /my/steps/, answers nothing that is sent, and never answers from what it keeps while there is a
// line. Another person, a sign-out or a session that is over throws away what is kept.
"use strict";

const PREFIX = "interlock-steps-";
const PAGE = new URL("./", self.location).pathname;
const [WAIT_MS, HOLDS_MS] = [8000, 12 * 60 * 60 * 1000];
const KEPT_AT = "X-Kept-At";

async function forget(but) {
  const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== but);
  await Promise.all(names.map((name) => caches.delete(name)));
}

async function mine() {
  const name = (await caches.keys()).find((each) => each.startsWith(PREFIX));
  return name === undefined ? null : caches.open(name);
}

// The page names whose it is: what is kept lies under that name.
async function keepPage(answer) {
  if (answer.type === "opaqueredirect" || answer.redirected) return forget("");
  const kind = answer.headers.get("Content-Type") || "";
  if (answer.status !== 200 || !kind.startsWith("text/html")) return null;
  const text = await answer.text();
  const who = /data-who="([\w-]+)"/.exec(text);
  if (who === null) return forget("");
  const name = PREFIX + who[1];
  await forget(name);
  const headers = new Headers(answer.headers);
  headers.set(KEPT_AT, String(Date.now()));
  return (await caches.open(name)).put(PAGE, new Response(text, { headers }));
}

async function keepFiles(addresses) {
  const store = await mine();
  const own = addresses.filter((each) => new URL(each).origin === self.location.origin);
  if (store) await Promise.all(own.map((each) => store.add(each).catch(() => null)));
}

// The page as it was seen last, marked so that it says so itself.
async function keptPage() {
  const store = await mine();
  const kept = store && (await store.match(PAGE));
  if (!kept) return null;
  if (Date.now() - Number(kept.headers.get(KEPT_AT)) > HOLDS_MS) {
    await forget("");
    return null;
  }
  const text = await kept.text();
  return new Response(text.replace("data-steps=", "data-kept data-steps="), { headers: kept.headers });
}

async function openPage(event) {
  const late = new Promise((_, fail) => { setTimeout(fail, WAIT_MS, new Error("No answer.")); });
  try {
    const answer = await Promise.race([fetch(event.request), late]);
    if (answer.status >= 502) return (await keptPage()) || answer;
    event.waitUntil(keepPage(answer.clone()));
    return answer;
  } catch {
    return (await keptPage()) || Response.error();
  }
}

async function askAgain(event) {
  const answer = await fetch(event.request);
  event.waitUntil(keepPage(answer.clone()));
  return answer;
}

async function file(event) {
  try {
    const answer = await fetch(event.request);
    const store = answer.ok ? await mine() : null;
    if (store) event.waitUntil(store.put(event.request, answer.clone()));
    return answer;
  } catch {
    const store = await mine();
    return (store && (await store.match(event.request))) || Response.error();
  }
}

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", (event) => {
  const { files } = event.data || {};
  if (!Array.isArray(files)) return;
  event.waitUntil(fetch(PAGE).then(keepPage).then(() => keepFiles(files)).catch(() => null));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  if (address.pathname === PAGE) {
    event.respondWith(request.mode === "navigate" ? openPage(event) : askAgain(event));
  } else if (["style", "script", "font"].includes(request.destination)) {
    event.respondWith(file(event));
  }
});
