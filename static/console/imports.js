// Follows a worker that reads an import: asks how far it is, and shows the page anew at the end.
"use strict";

document.querySelectorAll("[data-progress]").forEach((place) => {
  const bar = place.querySelector("progress");
  const sentence = place.querySelector("[role=status]");

  async function follow() {
    try {
      const answer = await fetch(place.dataset.progress, { headers: { Accept: "application/json" } });
      const told = await answer.json();
      if (!told.busy) return location.reload();
      bar.value = told.percent;
      sentence.textContent = told.sentence;
    } catch {
      sentence.textContent = "The portal does not answer; trying again.";
    }
    setTimeout(follow, 2000);
  }

  setTimeout(follow, 1000);
});
