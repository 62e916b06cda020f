// The release board: drag a package to a window, or choose it and go to a window by keyboard. Both
// lead to the page that tells what the move would change; nothing moves here.
"use strict";

const form = document.getElementById("release-board");
const told = document.getElementById("board-told");
const targets = [...form.querySelectorAll("[data-window]")];
const buttons = targets.map((column) => column.querySelector('button[name="to"]'));
let carried = null;

document.getElementById("board-keys").hidden = false;

function mark(column) {
  targets.forEach((each) => each.classList.toggle("is-target", each === column));
}

for (const card of form.querySelectorAll("[data-package]")) {
  card.draggable = true;
  card.addEventListener("dragstart", (event) => {
    carried = card;
    card.querySelector("input").checked = true;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", card.dataset.package);
  });
  card.addEventListener("dragend", () => { carried = null; mark(null); });
}

for (const column of targets) {
  column.addEventListener("dragover", (event) => {
    if (carried === null || column.contains(carried)) return;
    event.preventDefault();
    mark(column);
  });
  column.addEventListener("dragleave", (event) => {
    if (!column.contains(event.relatedTarget)) mark(null);
  });
  column.addEventListener("drop", (event) => {
    if (carried === null || column.contains(carried)) return;
    event.preventDefault();
    const asked = new URLSearchParams({ package: carried.dataset.package, to: column.dataset.window });
    window.location.assign(`${form.dataset.move}?${asked}`);
  });
}

// Enter on a chosen package goes to the windows, arrows through them, Enter there moves.
form.addEventListener("keydown", (event) => {
  const choice = event.target.closest('input[name="package"]');
  if (choice && event.key === "Enter" && buttons.length) {
    event.preventDefault();
    choice.checked = true;
    const own = choice.closest("[data-window]");
    const others = buttons.filter((button) => !own || !own.contains(button));
    if (others.length) others[0].focus();
    told.textContent = "Choose a window with the arrows, then press Enter. Escape goes back.";
    return;
  }
  const place = buttons.indexOf(event.target);
  if (place < 0) return;
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    buttons[(place + step + buttons.length) % buttons.length].focus();
  } else if (event.key === "Escape") {
    const chosen = form.querySelector('input[name="package"]:checked');
    if (chosen) chosen.focus();
  }
});

form.addEventListener("focusin", (event) => {
  const column = event.target.name === "to" ? event.target.closest("[data-window]") : null;
  mark(column);
});
