// Shows the card's code anew before it runs out. Without JavaScript the page has a button for it.
"use strict";

const code = document.querySelector("[data-card]");
if (code) {
  const seconds = Number(code.dataset.card);
  const show = () => {
    code.src = `${code.dataset.source}?at=${Date.now()}`;
  };
  setInterval(show, seconds * 1000);
  // A phone that was asleep holds an old code.
  document.addEventListener("visibilitychange", () => document.hidden || show());
}
