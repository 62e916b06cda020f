// Arrows go from cell to cell of the readiness matrix, n and p from package to package.
"use strict";

(() => {
  const rows = () => [...document.querySelectorAll(".il-ready tbody tr")];
  const placeOf = (cell) => cell.closest("td").cellIndex;

  function nearest(row, column) {
    const cells = [...row.querySelectorAll("[data-cell]")];
    cells.sort((a, b) => Math.abs(placeOf(a) - column) - Math.abs(placeOf(b) - column));
    return cells[0];
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.closest("input, textarea, select, [popover]")) return;
    const cell = event.target.closest("[data-cell]");
    const all = rows();
    const here = all.indexOf(event.target.closest("tr"));
    const down = { n: 1, p: -1, ...(cell && { ArrowDown: 1, ArrowUp: -1 }) }[event.key];
    const across = cell && { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    let to = null;
    if (down) {
      const column = cell ? placeOf(cell) : 0;
      for (let at = here + down; at >= 0 && at < all.length && !to; at += down) {
        to = event.key.length === 1 ? all[at].querySelector("th a") : nearest(all[at], column);
      }
    } else if (across) {
      const cells = [...cell.closest("tr").querySelectorAll("[data-cell]")];
      to = cells[cells.indexOf(cell) + across];
    }
    if (!to) return;
    event.preventDefault();
    to.focus();
  });
})();
