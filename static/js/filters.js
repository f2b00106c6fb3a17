// Results follow what is typed and chosen, through htmx. A newer question replaces the one that is still on its way
// (hx-sync). What the reader unfolded stays unfolded, and the focus stays where it was. Without this file the form is
// sent by its buttons.
const QUIET = 400; // ms without typing before asking
let timer;
let typing = false;
let before = null;

// A choice is found again by what it says.
const placeOf = ({ name, value, type }) => type === "checkbox" && `[name="${name}"][value="${CSS.escape(value)}"]`;
const folds = () => document.querySelectorAll("#found [data-fold]");

function refresh(form, typed) {
  clearTimeout(timer);
  // One step in the browser's history for a stretch of typing, one for each filter.
  const [on, off] = typed && typing ? ["hx-replace-url", "hx-push-url"] : ["hx-push-url", "hx-replace-url"];
  form.setAttribute(on, "true");
  form.removeAttribute(off);
  typing = typed;
  window.htmx.trigger(form, "refresh");
}

document.addEventListener("input", ({ target }) => {
  const form = target.form;
  if (target.type !== "search" || !form?.matches("[data-live]")) return;
  clearTimeout(timer);
  if (target.value.trim().length === 1) return; // one letter says nothing yet
  timer = setTimeout(() => {
    form.elements.exact?.remove(); // it was for the words before
    refresh(form, true);
  }, QUIET);
});

document.addEventListener("change", ({ target }) => {
  if (target.type === "checkbox" && target.form?.matches("[data-live]")) refresh(target.form, false);
});

document.addEventListener("submit", () => clearTimeout(timer));

document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (!detail.formData.get("q")) detail.formData.delete("q");
});

document.addEventListener("htmx:beforeSwap", () => {
  before = {
    focus: placeOf(document.activeElement),
    folds: new Map([...folds()].map((fold) => [fold.dataset.fold, fold.open])),
  };
});

// Where filters stand beside the results, these follow at once: no button is needed. The events' filters have theirs.
const wide = matchMedia("(min-width: 60rem)");
const live = document.querySelector("[data-live]");

function show() {
  const button = live && document.querySelector("#found .filters__go");
  if (button) button.hidden = wide.matches;
}
show();
wide.addEventListener("change", show);

document.addEventListener("htmx:afterSwap", () => {
  show();
  if (!before) return;
  for (const fold of folds()) fold.open = before.folds.get(fold.dataset.fold) ?? fold.open;
  if (before.focus) document.querySelector(before.focus)?.focus({ preventScroll: true });
  before = null;
  // Said politely: a region that was there before tells what is new in it.
  document.querySelector("[data-told]").textContent = document.querySelector("#found .showing").textContent;
});
