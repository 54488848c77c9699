"use strict";

/* “Add my position”: fills two hidden fields. Without this script the button is not there. */
(() => {
  const button = document.querySelector("[data-position]");
  const said = document.querySelector("[data-position-said]");
  if (!button || !said || !("geolocation" in navigator) || !window.isSecureContext) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        button.form.elements.latitude.value = coords.latitude.toFixed(5);
        button.form.elements.longitude.value = coords.longitude.toFixed(5);
        said.textContent = button.dataset.said;
      },
      () => { said.textContent = button.dataset.failed; },
      { timeout: 12000, maximumAge: 60000 },
    );
  });
})();
