// Says how long a text is, beside how much fits: "120 of 500 characters".
(() => {
  const show = (field) => {
    const said = field.parentElement.querySelector("[data-count]") || document.createElement("p");
    if (!said.isConnected) {
      said.dataset.count = "";
      said.className = "help";
      field.after(said);
    }
    const words = field.dataset.counted.replace("%(used)s", field.value.length).replace("%(most)s", field.maxLength);
    said.textContent = words;
  };
  const fields = () => document.querySelectorAll("textarea[data-counted]");
  document.addEventListener("DOMContentLoaded", () => fields().forEach(show));
  document.addEventListener("input", (event) => {
    if (event.target.matches("textarea[data-counted]")) show(event.target);
  });
})();
