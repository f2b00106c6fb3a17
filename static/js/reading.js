// A chapter is noted as read once it was open a while and its end was seen; notes are written and shown beside their
// paragraphs. Without this file both have buttons and pages of their own.
const A_WHILE = 20_000; // milliseconds
const text = document.querySelector(".chapter__text");
const reads = document.querySelector("form[data-reads]");
const template = document.getElementById("note-form");

if (reads) {
  const seen = new Promise((resolve) => {
    new IntersectionObserver((entries, watcher) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      watcher.disconnect();
      resolve();
    }).observe(reads);
  });
  const open = new Promise((resolve) => setTimeout(resolve, A_WHILE));
  Promise.all([seen, open])
    .then(() => fetch(reads.action, { method: "POST", body: new FormData(reads), headers: { "X-Requested-With": "fetch" } }))
    .then((answer) => { if (answer.status === 204) reads.textContent = reads.dataset.reads; })
    .catch(() => {}); // the button is still there
}

// Below a block, and below the footnotes that stand beside it.
const below = (block) => (block.nextElementSibling?.matches(".notes") ? block.nextElementSibling : block);
const shown = new Map();

for (const item of document.querySelectorAll("#kept-notes > [data-block]")) {
  const block = item.dataset.block && document.getElementById(item.dataset.block);
  if (!block || block.parentElement !== text) continue;
  const note = document.createElement("div");
  note.className = "practice-point no-print";
  note.lang = document.documentElement.lang;
  note.append(...item.childNodes);
  note.querySelector(".quote")?.remove();
  below(block).after(note);
  shown.set(block, note);
  item.remove();
}

if (template) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "kept__open no-print", tabIndex: -1, hidden: true, textContent: template.dataset.label });
  button.setAttribute("aria-hidden", "true"); // keyboards and screen readers have the page of notes
  text.append(button);
  let block = null;
  let form = null;

  const close = () => { form?.remove(); form = null; };

  text.addEventListener("pointerover", (event) => {
    const over = event.target.closest(".chapter__text > [id]");
    if (!over || over === block || over.matches("#kept, #parts, #changed")) return;
    block = over;
    button.hidden = false;
    button.style.insetBlockStart = `${over.offsetTop + over.offsetHeight}px`;
  });

  button.addEventListener("click", () => {
    const change = shown.get(block)?.querySelector("a");
    if (change) { location.assign(change.href); return; }
    close();
    form = template.content.firstElementChild.cloneNode(true);
    form.elements.place.value = block.id;
    form.querySelector("[data-close]").addEventListener("click", close);
    form.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
    below(block).after(form);
    block = null;
    button.hidden = true;
    form.elements.text.focus();
  });
}
