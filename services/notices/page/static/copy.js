// An extra where scripts run: a button beside each text that a payer may want to copy.
const { copy, copied } = document.currentScript.dataset;
for (const text of document.querySelectorAll("[data-copy]")) {
  if (text.tagName === "SCRIPT" || !navigator.clipboard) continue;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = copy;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text.dataset.copy);
    button.textContent = copied;
    setTimeout(() => { button.textContent = copy; }, 2000);
  });
  text.before(button);
}
