// Filters answer at once through htmx. What the reader unfolded stays unfolded when the answer takes its place.
let unfolded = null;

const folds = () => document.querySelectorAll("#found .filters, #found .facet");
const nameOf = (fold) => fold.dataset.facet || "filters";

document.addEventListener("htmx:beforeSwap", () => {
  const scroll = {};
  for (const fold of folds()) {
    scroll[nameOf(fold)] = [fold.open, fold.querySelector(":scope > fieldset")?.scrollTop || 0];
  }
  unfolded = scroll;
});

document.addEventListener("htmx:afterSwap", () => {
  if (!unfolded) return;
  for (const fold of folds()) {
    const [open, scrolled] = unfolded[nameOf(fold)] || [fold.open, 0];
    fold.open = open;
    const list = fold.querySelector(":scope > fieldset");
    if (list) list.scrollTop = scrolled;
  }
  unfolded = null;
});
