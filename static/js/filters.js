// Filters answer at once through htmx. What the reader unfolded stays unfolded, and the focus stays where it was,
// when the answer takes its place.
let before = null;

const folds = () => [...document.querySelectorAll("#found .filters, #found .facet")];
const nameOf = (fold) => fold.dataset.facet || "filters";
const listOf = (fold) => fold.querySelector(":scope > fieldset");

document.addEventListener("htmx:beforeSwap", () => {
  before = {
    focus: document.activeElement?.id,
    folds: new Map(folds().map((fold) => [nameOf(fold), [fold.open, listOf(fold)?.scrollTop]])),
  };
});

document.addEventListener("htmx:afterSwap", () => {
  if (!before) return;
  for (const fold of folds()) {
    const [open, scrolled] = before.folds.get(nameOf(fold)) || [fold.open];
    fold.open = open;
    if (scrolled) listOf(fold).scrollTop = scrolled;
  }
  if (before.focus) document.getElementById(before.focus)?.focus({ preventScroll: true });
  before = null;
});
