"use strict";

/* “Nearby”: asks for the position and loads the list sorted by it. Without this script the link leads to the
   list of districts. The position is rounded to about 100 m: enough to sort by, and no more than that. */
(() => {
  const link = document.querySelector("[data-near]");
  const status = document.getElementById("near-status");
  if (!link || !status) return;

  const say = (reason) => {
    status.textContent = link.dataset[reason];
    status.hidden = false;
  };

  const show = ({ coords }) => {
    const address = new URL(window.location.href);
    // What is typed and ticked but not yet searched for comes along.
    const asked = [...new FormData(document.getElementById("finder"))].filter(([, value]) => value);
    address.search = new URLSearchParams(asked);
    address.searchParams.set("near", `${coords.latitude.toFixed(3)},${coords.longitude.toFixed(3)}`);
    address.hash = "";
    window.location.assign(address);
  };

  const explain = (error) => {
    say(error.code === error.PERMISSION_DENIED ? "refused" : "failed");
    link.removeAttribute("aria-busy");
  };

  link.addEventListener("click", (event) => {
    if (!("geolocation" in navigator) || !window.isSecureContext) {
      say("failed"); // and let the link go to the list of districts
      return;
    }
    event.preventDefault();
    if (link.hasAttribute("aria-busy")) return;
    link.setAttribute("aria-busy", "true");
    say("asking");
    navigator.geolocation.getCurrentPosition(show, explain, { timeout: 12000, maximumAge: 60000 });
  });

  // A page restored by “back” must be able to ask again.
  window.addEventListener("pageshow", () => link.removeAttribute("aria-busy"));
})();
