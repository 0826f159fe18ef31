
"use strict";
// Without this script the drafts are there to be selected; with it, a button copies each.
for (const button of document.querySelectorAll("button[data-copies]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copies);
    const told = document.getElementById(button.dataset.copies + "-told");
    try {
      await navigator.clipboard.writeText(text.textContent);
      told.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(text);
      told.textContent = "Selected, ready to copy";
    }
  });
}
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details.prints")) details.open = true;
});
