"use strict";

/* On every public page: the worker that opens the directory offline, and the share buttons. */
(() => {
  if ("serviceWorker" in navigator && window.isSecureContext) {
    window.addEventListener("load", async () => {
      try {
        await navigator.serviceWorker.register("/sw.js");
        const worker = await navigator.serviceWorker.ready;
        const files = performance
          .getEntriesByType("resource")
          .map((entry) => entry.name)
          .filter((name) => name.startsWith(`${window.location.origin}/static/`));
        const page = window.location.href.split("#")[0];
        worker.active.postMessage({ page, files: [...new Set(files)] });
      } catch {
        // Without a worker the page is whole; it only does not open offline.
      }
    });
  }

  for (const button of document.querySelectorAll("[data-share]")) {
    const data = { title: document.title, url: button.dataset.share };
    if (!navigator.share && !navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        if (navigator.share) await navigator.share(data);
        else {
          await navigator.clipboard.writeText(data.url);
          button.textContent = button.dataset.copied;
        }
      } catch {
        // The visitor changed his mind.
      }
    });
  }
})();
