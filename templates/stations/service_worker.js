"use strict";
{% load static %}
/* Opens the directory without a network: pages of stations as they were last seen, each saying how old it is.
   Only pages that the server marks public and that lie under "/" and "/stations/" are kept: nothing of a member's,
   of the staff's, or of any form. */

const PAGES = "station-pages-1";
const FILES = "station-files-1";
const MOST_PAGES = 30;
const SOON_OLD = 3; // minutes after which a door that was open may be shut
const LAST_LIST = "/?the-list-last-seen";
const STATIC = "{% get_static_prefix %}";

const isList = (url) => url.pathname === "/" || url.pathname === "/stations/";
const isPublicPart = (url) => url.pathname === "/" || url.pathname.startsWith("/stations/");
const isKept = (url) => isList(url) || /^\/stations\/[0-9A-Za-z]+\/$/.test(url.pathname);
const isPublic = (response) =>
  response.ok &&
  !response.redirected &&
  /\bpublic\b/.test(response.headers.get("Cache-Control") ?? "") &&
  (response.headers.get("Content-Type") ?? "").startsWith("text/html");

const keep = async (url, response) => {
  if (!isPublic(response)) return;
  const cache = await caches.open(PAGES);
  await cache.delete(url.href); // and add it as the newest
  await cache.put(url.href, response.clone());
  if (isList(url)) await cache.put(LAST_LIST, response.clone());
  const pages = (await cache.keys()).filter((request) => !request.url.endsWith(LAST_LIST));
  await Promise.all(pages.slice(0, -MOST_PAGES).map((request) => cache.delete(request)));
};

/* The page says that it is old: its own hidden notice, in its own language, is shown and filled in; `instead`: that it
   stands for another that was never kept. */
const aged = async (response, instead) => {
  const html = await response.text();
  const taken = new Date(response.headers.get("Date") ?? Date.now());
  const minutes = Math.max(0, Math.round((Date.now() - taken) / 60000));
  const [unit, count] = minutes < 90 ? ["minutes", minutes] : minutes < 2880 ? ["hours", Math.round(minutes / 60)] : ["days", Math.round(minutes / 1440)];
  const phrase = html.match(new RegExp(`data-${unit}="([^"]*)"`))?.[1] ?? "";
  const clock = new Date(taken.getTime() + 8 * 3600000).toISOString().slice(0, 16).replace("T", " "); // Beijing time
  const told = [...(instead ? ["instead"] : []), ...(minutes >= SOON_OLD ? ["stale"] : [])];
  const shown = told
    .reduce((page, name) => page.replace(`data-${name} hidden`, `data-${name}`), html)
    .replace("<html ", minutes >= SOON_OLD ? '<html class="stale" ' : "<html ")
    .replace(/(id="offline-notice"[^>]*?) hidden/, "$1")
    .replace("<time></time>", `<time datetime="${taken.toISOString()}">${clock}</time> ${phrase.replace("{count}", count)}`);
  const headers = new Headers(response.headers);
  for (const name of ["Content-Encoding", "Content-Length", "ETag"]) headers.delete(name);
  return new Response(shown, { status: 200, headers });
};

const page = async (event, url) => {
  try {
    const response = await fetch(event.request);
    if (isKept(url)) event.waitUntil(keep(url, response.clone()));
    return response;
  } catch (error) {
    const cache = await caches.open(PAGES);
    const own = isKept(url) && (await cache.match(url.href));
    const kept = own || (await cache.match(LAST_LIST));
    if (!kept) throw error;
    return aged(kept, !own);
  }
};

const file = async (event) => {
  const cache = await caches.open(FILES);
  const kept = await cache.match(event.request);
  const fresh = fetch(event.request).then((response) => {
    if (response.ok) event.waitUntil(cache.put(event.request, response.clone()));
    return response;
  });
  if (!kept) return fresh;
  event.waitUntil(fresh.catch(() => {}));
  return kept;
};

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("activate", (event) => {
  const old = async () => {
    const names = await caches.keys();
    await Promise.all(names.filter((name) => ![PAGES, FILES].includes(name)).map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(old());
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (event.request.mode === "navigate" && isPublicPart(url)) event.respondWith(page(event, url));
  else if (url.pathname.startsWith(STATIC)) event.respondWith(file(event));
});

/* The first page was loaded before the worker was there: it tells what it is made of, and the browser's own cache
   hands it over without another transfer. */
self.addEventListener("message", (event) => {
  const take = async () => {
    const url = new URL(event.data.page);
    if (isKept(url)) await keep(url, await fetch(url.href));
    const cache = await caches.open(FILES);
    for (const address of event.data.files) if (!(await cache.match(address))) await cache.add(address);
  };
  event.waitUntil(take().catch(() => {}));
});
