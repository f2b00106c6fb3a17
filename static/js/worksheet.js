// Worksheets and checklists. What is filled in stays in this browser's memory, and beyond the page only where the reader
// asks for it. Nothing is sent. Without this file they are filled in and printed all the same.
(() => {
  const { owner } = document.currentScript.dataset;
  // A tick belongs to the words beside it, not to its place in a list that may be reordered. The words are not stored.
  const mark = (text) => {
    let number = 5381;
    for (const letter of text.trim()) number = ((number * 33) ^ letter.codePointAt(0)) >>> 0;
    return number.toString(36);
  };
  const isTick = (control) => control.type === "checkbox" || control.type === "radio";

  for (const [number, block] of document.querySelectorAll("[data-entries]").entries()) {
    const tools = block.querySelector("[data-tools]");
    const keep = tools.querySelector("[data-keep-entries]");
    const said = tools.querySelector("[data-said]");
    const place = `entries:${location.pathname}#${block.id || number}`;
    const controls = new Map();
    for (const control of block.querySelectorAll("input, textarea")) {
      if (tools.contains(control)) continue;
      let key = control.dataset.key || mark(control.closest("label").textContent);
      while (controls.has(key)) key += "+";
      controls.set(key, control);
    }
    const store = (deed) => {
      try {
        return deed(localStorage);
      } catch {
        keep.checked = false; // this browser keeps nothing
        return null;
      }
    };
    const save = () => {
      if (!keep.checked) return store((memory) => memory.removeItem(place));
      const entries = {};
      for (const [key, control] of controls) {
        const value = isTick(control) ? control.checked : control.value;
        if (value) entries[key] = value;
      }
      store((memory) => memory.setItem(place, JSON.stringify(entries)));
      // Tells the hub, when somebody signs in here, whether the browser must forget another person's entries.
      if (owner) document.cookie = `kept_by=${owner}; path=/; max-age=31536000; samesite=lax`;
    };

    const kept = store((memory) => memory.getItem(place));
    if (kept) {
      keep.checked = true;
      for (const [key, value] of Object.entries(JSON.parse(kept))) {
        const control = controls.get(key);
        if (control && isTick(control)) control.checked = value;
        else if (control) control.value = value;
      }
    }
    tools.hidden = false;
    block.addEventListener("input", save);
    keep.addEventListener("change", () => {
      save();
      said.textContent = keep.checked ? said.dataset.kept : said.dataset.notKept;
    });
    tools.querySelector("[data-clear]").addEventListener("click", () => {
      for (const control of controls.values()) {
        if (isTick(control)) control.checked = false;
        else control.value = "";
      }
      keep.checked = false;
      save();
      said.textContent = said.dataset.cleared;
    });
    tools.querySelector("[data-print]").addEventListener("click", () => {
      const hidden = [];
      for (let inner = block; inner !== document.body; inner = inner.parentElement)
        for (const other of inner.parentElement.children)
          if (other !== inner && !other.classList.contains("no-print")) hidden.push(other);
      for (const other of hidden) other.classList.add("no-print");
      print();
      for (const other of hidden) other.classList.remove("no-print");
    });
  }
})();
