// Shows guidebooks that this device keeps, without a connection. It stores nothing by itself: the page does, when the
// reader presses the button (static/js/offline.js). It reaches no further than the path it stands at.
const BOOKS = "kept-guidebooks";
const FRAME = "kept-frame"; // the page "On this device" as a stranger sees it, and what that page loads

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  if (event.request.method === "GET") event.respondWith(answer(event.request));
});

async function answer(request) {
  const book = await caches.match(request.url, { cacheName: BOOKS, ignoreVary: true });
  if (book) return book;
  try {
    return await fetch(request);
  } catch (error) {
    const how = { cacheName: FRAME, ignoreVary: true };
    const kept = await caches.match(request.url, how);
    if (kept) return kept;
    if (request.mode === "navigate") return (await caches.match(registration.scope, how)) || Response.error();
    throw error;
  }
}
