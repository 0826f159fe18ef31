
"use strict";
// Without this script the messages are there to be selected; with it, a button copies each.
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
// What is linked to is unfolded.
const unfold = () => {
  const wanted = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let around = wanted; around; around = around.parentElement) {
    if (around.localName === "details") around.open = true;
  }
  if (wanted) wanted.scrollIntoView();
};
addEventListener("hashchange", unfold);
unfold();
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details.prints, details.rest")) details.open = true;
});
