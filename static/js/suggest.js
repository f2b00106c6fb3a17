// Suggestions under a search box, as an accessible combobox. The box works the same without this file.
// The server answers {"suggestions": [{"text": "…", "url": "…", "label": "…"}]}: without a url the text is searched
// for, and plain strings will do.
const PAUSE = 150; // ms of quiet before asking

function enhance(input, number) {
  const list = document.createElement("div");
  list.id = `suggestions-${number}`;
  list.className = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.labels[0]?.textContent || "");
  list.hidden = true;
  input.closest(".search-box__row").after(list);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");

  let timer;
  let asked;
  let active = -1;

  function close() {
    clearTimeout(timer);
    asked?.abort();
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function mark(index) {
    const options = list.children;
    active = (index + options.length + 1) % (options.length + 1);
    if (active === options.length) active = -1;
    for (const [i, option] of [...options].entries()) option.setAttribute("aria-selected", i === active);
    if (active < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", options[active].id);
    options[active].scrollIntoView({ block: "nearest" });
  }

  function take(option) {
    close();
    if (option.dataset.url) return window.location.assign(option.dataset.url);
    input.value = option.dataset.text;
    input.form.requestSubmit();
  }

  function show(suggestions) {
    list.replaceChildren(
      ...suggestions.map((given, i) => {
        const suggestion = typeof given === "string" ? { text: given } : given;
        const option = document.createElement("div");
        option.id = `${list.id}-${i}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.dataset.text = suggestion.text;
        const words = document.createElement("span");
        words.textContent = suggestion.text;
        words.dir = "auto";
        option.append(words);
        if (suggestion.label) {
          const label = document.createElement("small");
          label.textContent = suggestion.label;
          option.append(label);
        }
        // Only addresses of our own site are followed.
        if (suggestion.url?.startsWith("/") && !suggestion.url.startsWith("//")) option.dataset.url = suggestion.url;
        return option;
      }),
    );
    active = -1;
    list.hidden = !suggestions.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    input.removeAttribute("aria-activedescendant");
  }

  async function ask() {
    const words = input.value.trim();
    asked?.abort();
    if (words.length < 2) return close();
    asked = new AbortController();
    try {
      const address = `${input.dataset.suggest}?${new URLSearchParams({ q: words })}`;
      const answer = await fetch(address, { signal: asked.signal, headers: { Accept: "application/json" } });
      if (!answer.ok) return close();
      const { suggestions } = await answer.json();
      if (document.activeElement === input) show(suggestions.slice(0, 8));
    } catch {
      close(); // A lost line or a newer question: the box goes on working.
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    } else if (list.hidden) {
      return;
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      mark(active < 0 && event.key === "ArrowUp" ? list.children.length - 1 : active + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      take(list.children[active]);
    }
  });
  input.addEventListener("blur", close);
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) take(option);
  });
}

document.querySelectorAll("input[data-suggest]").forEach(enhance);
