
"use strict";
// Without this script the whole index is there to be read; with it, a search narrows it.
const search = document.querySelector(".find"), field = document.getElementById("find"), told = document.getElementById("found");
const groups = [...document.querySelectorAll(".group")].map((group) => [
  group, [...group.querySelectorAll("li")].map((line) => [line, line.textContent.toLowerCase().replaceAll("-", " ")]),
]);
function look() {
  const words = field.value.toLowerCase().replaceAll(/[-_]/g, " ").split(/\s+/).filter(Boolean);
  let found = 0;
  for (const [group, lines] of groups) {
    let here = 0;
    for (const [line, text] of lines) {
      line.hidden = !words.every((word) => text.includes(word));
      if (!line.hidden) here++;
    }
    group.hidden = here === 0;
    found += here;
  }
  told.textContent = words.length ? (found === 1 ? "1 found" : `${found} found`) : "";
}
search.hidden = false;
field.addEventListener("input", look);
look();
