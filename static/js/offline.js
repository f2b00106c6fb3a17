// Guidebooks that a reader keeps on this device. Nothing is kept unless she presses the button; signing out, another
// person's session and "Remove all" take everything away again. The worker that shows them is guidebooks/taking/worker.js.
(() => {
  const BOOKS = "kept-guidebooks";
  const FRAME = "kept-frame";
  const able = "caches" in window && "serviceWorker" in navigator;
  const address = (url) => new URL(url, location.href).href;
  const books = () => caches.open(BOOKS);

  const forgetAll = async () => {
    try {
      for (const key of Object.keys(localStorage)) if (key.startsWith("entries:")) localStorage.removeItem(key);
    } catch {} // no memory, nothing in it
    document.cookie = "kept_by=; path=/; max-age=0";
    if (!able) return;
    await Promise.all([caches.delete(BOOKS), caches.delete(FRAME)]);
    for (const worker of await navigator.serviceWorker.getRegistrations()) await worker.unregister();
  };

  // The page that lists what is kept, as a stranger sees it, so that no name is kept with it.
  const keepFrame = async (device) => {
    const answer = await fetch(device, { credentials: "omit", cache: "reload" });
    if (!answer.ok) throw new Error(answer.status);
    const html = (await answer.text()).replace(" data-live", "");
    const page = new DOMParser().parseFromString(html, "text/html");
    const loaded = [...page.querySelectorAll("link[rel=stylesheet], link[rel=icon], script[src]")];
    const frame = await caches.open(FRAME);
    await frame.addAll(loaded.map((element) => address(element.getAttribute("href") || element.getAttribute("src"))));
    await frame.put(address(device), new Response(html, { headers: answer.headers }));
  };

  const keep = async ({ copy, title, device, worker, owner }) => {
    const answer = await fetch(copy, { cache: "reload" });
    if (!answer.ok || answer.redirected) throw new Error(answer.status);
    const body = await answer.blob();
    const headers = new Headers(answer.headers);
    headers.set("x-kept-title", encodeURIComponent(title));
    headers.set("x-kept-owner", owner);
    headers.set("x-kept-day", new Date().toISOString());
    headers.set("x-kept-size", body.size);
    await keepFrame(device);
    await navigator.serviceWorker.register(worker);
    if (owner) document.cookie = `kept_by=${owner}; path=/; max-age=31536000; samesite=lax`;
    await (await books()).put(address(copy), new Response(body, { headers }));
  };

  // Where the page comes from the hub itself: away with another person's copies, and with what is no longer open.
  const tidy = async (owner) => {
    const store = await books();
    for (const { url } of await store.keys()) {
      const kept = await store.match(url);
      const whose = kept.headers.get("x-kept-owner");
      let open = !whose || whose === owner;
      if (open) {
        const now = await fetch(url, { method: "HEAD", cache: "reload" }).catch(() => null);
        open = now === null || now.status !== 404;
      }
      if (!open) await store.delete(url);
    }
  };

  const onCover = async (box) => {
    const { dataset } = box;
    const part = (name) => box.querySelector(`[data-${name}]`);
    const say = (name) => (part("said").textContent = part("said").dataset[name]);
    const show = async () => {
      const kept = await (await books()).match(address(dataset.copy));
      part("add").parentElement.hidden = Boolean(kept);
      part("remove").parentElement.hidden = !kept;
      return kept;
    };
    part("add").addEventListener("click", async () => {
      say("working");
      part("add").disabled = true;
      await keep(dataset).then(() => say("kept"), () => say("failed"));
      part("add").disabled = false;
      if (await show()) part("remove").focus();
    });
    part("remove").addEventListener("click", async () => {
      await (await books()).delete(address(dataset.copy));
      await show();
      part("add").focus();
      say("removed");
    });
    if (await show()) say("kept");
  };

  const onList = async (box) => {
    const part = (name) => box.querySelector(`[data-${name}]`);
    const entry = box.querySelector("template");
    const show = async () => {
      const store = await books();
      const found = await store.keys();
      part("list").replaceChildren();
      for (const { url } of found) {
        const { headers } = await store.match(url);
        const item = entry.content.cloneNode(true);
        const title = decodeURIComponent(headers.get("x-kept-title"));
        const day = new Date(headers.get("x-kept-day"));
        item.querySelector("a").href = url;
        item.querySelector("a").textContent = title;
        item.querySelector("[data-day]").append(day.toLocaleDateString(document.documentElement.lang, { dateStyle: "long" }));
        item.querySelector("[data-size]").textContent = `${Math.ceil(headers.get("x-kept-size") / 1024)} KB`;
        item.querySelector("button span").textContent = ` ${title}`;
        item.querySelector("button").addEventListener("click", async () => {
          await store.delete(url);
          await show();
          part("said").textContent = part("said").dataset.removed;
        });
        part("list").append(item);
      }
      part("empty").hidden = found.length > 0;
      part("remove-all").parentElement.hidden = !found.length;
    };
    part("remove-all").addEventListener("click", async () => {
      await forgetAll();
      await show();
      part("said").textContent = part("said").dataset.allRemoved;
    });
    await show();
  };

  for (const form of document.querySelectorAll("form[data-forget]"))
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      forgetAll().finally(() => form.submit());
    });
  for (const box of document.querySelectorAll("[data-copy], [data-kept-list]")) {
    if (!able) continue;
    const begin = async () => {
      if ("live" in box.dataset) await tidy(box.dataset.owner);
      box.querySelector("[data-without]").hidden = true;
      box.querySelector("[data-with]").hidden = false;
      await (box.dataset.copy ? onCover(box) : onList(box));
    };
    begin();
  }
})();
