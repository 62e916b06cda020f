// The only script of ours on every page: "/" goes to the search, "g r" to the readiness and "g w" to
// the windows on the release board, arrows through what the search found, a locked move
// shows its reasons, a button is not pressed twice, what another person's device kept goes.
"use strict";

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const visible = (input) => input && input.getClientRects().length > 0;
  const search = ["#find", "#find-any"].map((id) => document.querySelector(id)).find(visible);
  const page = document.querySelector(".il-find-link");
  if (!search && !page) return;
  event.preventDefault();
  if (!search) return page.click();
  search.focus();
  search.select();
});

// "g", then a letter within a second, goes to the page that the letter stands for.
let asked = 0;
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const page = document.querySelector(`a[data-go="${CSS.escape(event.key)}"]`);
  if (page && event.timeStamp - asked < 1000) {
    event.preventDefault();
    page.click();
  }
  asked = event.key === "g" ? event.timeStamp : -1000;
});

// Arrows go from the search into its results and through them.
document.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
  const found = [...document.querySelectorAll(".il-found li a")];
  const row = found.indexOf(event.target);
  if (row < 0 && (event.target.id !== "find" || !found.length)) return;
  event.preventDefault();
  (found[row + step] || (step < 0 ? document.getElementById("find") : event.target)).focus();
});

document.addEventListener("click", (event) => {
  const locked = event.target.closest('button[aria-disabled="true"]');
  if (!locked) return;
  event.preventDefault();
  const why = document.getElementById(locked.dataset.why);
  if (!why) return;
  const folded = why.closest("details");
  if (folded) folded.open = true;
  why.scrollIntoView({ block: "nearest" });
});

document.addEventListener("click", (event) => {
  const login = event.target.closest("[data-login]");
  if (!login) return;
  document.getElementById("id_username").value = login.dataset.login;
  const password = document.getElementById("id_password");
  password.value = login.dataset.password || "";
  password.focus();
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  // The answer to these is a file: the page stays, and may be asked again.
  if (form.method !== "post" || form.action.includes("/export/") || form.hasAttribute("data-file")) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
});

// A page from the back-forward cache may be sent again.
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
});

// What a device keeps of the operator's page is of who is signed in: it goes with a sign-out, and
// when somebody else signs in.
if ("caches" in window) {
  const person = document.querySelector("[data-person]")?.dataset.person || "";
  const isOld = (name) => name.startsWith("interlock-steps-") && name !== `interlock-steps-${person}`;
  caches.keys().then((names) => names.filter(isOld).forEach((name) => caches.delete(name)), () => null);
}
