// What an author does on the page of `followcue open --rules DIRECTORY --edit`.
"use strict";

const SOON = 45000;

// The page once its advice is there.
async function ready(page) {
  await page.locator(".bench .advised, .bench .first-line:not(:empty)").first().waitFor({ state: "attached", timeout: SOON });
}

const rules = (page) => page.locator(".rules-pane .cm-content");

// Selects the first stretch of an editor that reads like the text, wherever it is; only what is seen is on the page.
async function find(page, text, pane = ".rules-pane") {
  await page.locator(`${pane} .cm-content`).click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("Control+f");
  await page.locator(`${pane} .cm-search input[name=search]`).fill(text);
  await page.keyboard.press("End"); // the search takes what stands there with the next key
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape");
}

// Pastes another text in the place of the whole text of an editor.
async function paste(page, text, pane = ".rules-pane") {
  await page.evaluate((copied) => navigator.clipboard.writeText(copied), text);
  await page.locator(`${pane} .cm-content`).click();
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Control+v");
}

// Takes a stretch of the first text that reads like `text` for another, key by key.
async function replace(page, text, was, now, pane) {
  await find(page, text, pane);
  await page.keyboard.press("ArrowLeft");
  for (let column = text.indexOf(was) + was.length; column > 0; column--) await page.keyboard.press("ArrowRight");
  for (const _ of was) await page.keyboard.press("Backspace");
  await page.keyboard.type(now);
  await page.keyboard.press("Escape");
}

const tab = async (page, name) => page.locator(`#tab-${name}`).click();
const panel = (page) => page.locator("#checks-panel");
const texts = (found) => found.allInnerTexts();
const open = (page, file) => page.locator(".rules-pane select").selectOption({ label: file });

module.exports = {
  // What axe finds on each part of the page.
  async look(page, act, { axe, noted }) {
    await ready(page);
    await find(page, act.rule);
    await page.locator(".lens .here").waitFor({ state: "attached", timeout: SOON });
    await page.evaluate(() => document.querySelectorAll(".lens details, .add-event").forEach((one) => { one.open = true; }));
    await page.locator(".add-event .kinds button").first().evaluate((one) => one.click());
    const found = {};
    const isNarrow = act.width < 960;
    for (const pane of isNarrow ? ["Rules", "Situation", "Advice", "Checks"] : ["all"]) {
      if (isNarrow) await page.locator(".panes button", { hasText: pane }).click();
      found[pane] = await axe(page);
    }
    for (const name of act.tabs ?? []) {
      await tab(page, name);
      await page.waitForTimeout(300);
      found[name] = await axe(page);
    }
    return { found, asked: noted.asked, complained: noted.complained };
  },

  // An edit of a rule: the tests that fail then, and the advice that changes, with the edit to blame.
  async edit(page, act) {
    await ready(page);
    await replace(page, act.line, act.was, act.now);
    await page.locator(".results .failure").first().waitFor({ timeout: SOON });
    await page.waitForFunction(() => !document.querySelector("#checks-panel .panel-head").textContent.includes("running"), null, { timeout: SOON });
    const tests = await page.locator("#checks-panel .results > li").evaluateAll((all) => all.map((one) => ({
      name: one.querySelector("strong").textContent,
      passes: one.textContent.includes("passes"),
      failures: [...one.querySelectorAll(".failure")].map((each) => each.textContent),
    })));
    await tab(page, "diff");
    await page.locator(".delta").first().waitFor({ timeout: SOON });
    const told = await page.locator("#checks-panel > p[role=status]").innerText();
    const situations = await page.locator("#checks-panel .results > li").evaluateAll((all) => all.map((one) => ({
      name: one.querySelector("strong").textContent,
      changes: [...one.querySelectorAll(".delta")].map((each) => each.textContent),
      blame: [...one.querySelectorAll(".small")].map((each) => each.textContent),
    })));
    const saved = await page.locator("header .saved").innerText();
    if (act.save) {
      await page.locator(".rules-pane button", { hasText: /^Save$/ }).click();
      await page.locator(".rules-pane button", { hasText: /^Saved$/ }).waitFor();
    }
    return { tests, told, situations, saved };
  },

  // A mistake in a rule: where it is marked and what is said, also of the advice; then its quick fix.
  async mistake(page, act) {
    await ready(page);
    await replace(page, act.line, act.was, act.now);
    await page.locator(".rules-pane .at-cursor .said").first().waitFor({ timeout: SOON });
    const said = await texts(page.locator(".rules-pane .at-cursor .said"));
    const marked = await texts(page.locator(".rules-pane .cm-lintRange-error"));
    await page.locator(".of-before").waitFor({ timeout: SOON });
    const advice = await page.locator(".of-before").innerText();
    await tab(page, "check");
    await panel(page).locator(".results > li").first().waitFor({ timeout: SOON });
    const places = await texts(panel(page).locator(".results > li button.plain"));
    const fix = page.locator(".rules-pane .said button").first();
    const title = await fix.innerText();
    await fix.click();
    await page.waitForFunction(() => !document.querySelector(".rules-pane .at-cursor .said"), null, { timeout: SOON });
    return { said, marked, advice, places, title, line: await page.locator(".rules-pane .cm-activeLine").innerText() };
  },

  // A test made of the advice as it is shown.
  async test_of_advice(page, act) {
    await ready(page);
    await page.locator(".advice-pane button", { hasText: "Make it a test" }).first().click();
    await page.getByLabel("Name of the test").fill(act.name);
    await page.locator("button", { hasText: "Make the test" }).click();
    await page.locator(".rules-pane .cm-line", { hasText: act.name }).first().waitFor({ timeout: SOON });
    await page.locator(".results strong", { hasText: act.name }).waitFor({ timeout: SOON });
    const result = await page.locator(".results > li", { hasText: act.name }).innerText();
    return { result, file: await page.locator(".rules-pane select").inputValue() };
  },

  // A first start with rules that have no tests: an example of theirs, and a test made of its advice.
  async begin(page, act) {
    await ready(page);
    const before = await panel(page).locator("[role=status]").innerText();
    const examples = page.locator(".situation-pane select");
    const offered = await texts(examples.locator("option"));
    await examples.selectOption({ label: act.example });
    await page.locator(".advised").first().waitFor({ timeout: SOON });
    await page.locator(".advice-pane button", { hasText: "Make it a test" }).first().click();
    await page.getByLabel("Name of the test").fill(act.name);
    await page.locator("button", { hasText: "Make the test" }).click();
    await page.locator(".results strong", { hasText: act.name }).waitFor({ timeout: SOON });
    return { before, offered, result: await page.locator(".results > li", { hasText: act.name }).innerText() };
  },

  // A new file of tests, and the same name once more.
  async new_file(page, act) {
    await ready(page);
    const create = async () => {
      await page.locator("button", { hasText: "New file…" }).click();
      await page.locator("dialog select").selectOption("tests");
      await page.locator("dialog input").fill(act.name);
      await page.keyboard.press("Enter");
    };
    await create();
    await page.locator("dialog").waitFor({ state: "detached", timeout: SOON });
    const shown = await page.locator(".rules-pane select option:checked").innerText();
    await create();
    await page.locator("dialog [role=alert]:not(:empty)").waitFor({ timeout: SOON });
    return { shown, refused: await page.locator("dialog [role=alert]").innerText() };
  },

  // Why something is not advised; a change put in; and the advice of the day that it is about.
  async why_not(page, act) {
    await ready(page);
    await page.locator(".advice-pane button", { hasText: "Why not…" }).click();
    const choice = page.getByLabel("Not advised");
    await page.waitForFunction((title) => [...document.querySelectorAll(".ask-why-not option")].some((one) => one.textContent.startsWith(title)), act.title, { timeout: SOON });
    const label = await choice.locator("option").evaluateAll((all, title) => all.map((one) => one.textContent).find((one) => one.startsWith(title)), act.title);
    await choice.selectOption({ label });
    await page.locator(".repairs > li").first().waitFor({ timeout: SOON });
    const headline = await page.locator(".ask-why-not [role=status] .words").first().innerText();
    const changes = await texts(page.locator(".repairs > li > p:first-child"));
    const first = page.locator(".repairs > li", { has: page.locator("button", { hasText: "Put it in" }) }).first();
    const before = await page.locator(".situation-pane .cm-content").innerText();
    await first.locator("button", { hasText: "Try it" }).click();
    await page.locator(".tried").waitFor({ timeout: SOON });
    await page.locator(".tried button", { hasText: "Back" }).click();
    await page.locator(".tried").waitFor({ state: "detached", timeout: SOON });
    await page.waitForFunction((text) => document.querySelector(".situation-pane .editor").shadowRoot.querySelector(".cm-content").innerText === text, before, { timeout: SOON });
    await page.locator(".repairs > li button", { hasText: "Put it in" }).first().waitFor({ timeout: SOON });
    await page.locator(".repairs > li button", { hasText: "Put it in" }).first().click();
    await page.locator(".advice-pane", { hasText: act.advised }).waitFor({ timeout: SOON });
    await page.waitForFunction((words) => [...document.querySelectorAll(".advised p, .advice-pane details li")].some((one) => one.textContent.includes(words)), act.advised, { timeout: SOON });
    await page.locator("header .saved", { hasText: /^Saved$/ }).waitFor({ timeout: SOON });
    return { headline, changes, advised: await texts(page.locator(".advised > p")) };
  },

  // What happened, written down with the form beside the situation, and taken back.
  async add(page, act) {
    await ready(page);
    await page.locator(".add-event > summary").click();
    await page.locator(".add-event button", { hasText: act.kind }).first().click();
    await page.locator(".add-event form button[type=submit]").click();
    await page.locator(".notice", { hasText: "Undo" }).waitFor({ timeout: SOON });
    await page.locator("header .saved", { hasText: /^Saved$/ }).waitFor({ timeout: SOON });
    const after = require("node:fs").readFileSync(act.file, "utf8");
    await page.locator(".notice button", { hasText: "Undo" }).click();
    await page.waitForTimeout(1500);
    return { after };
  },

  // Texts that are broken, huge or hostile: what is told of each, and that the page lives on.
  async odd_texts(page, act, { noted }) {
    await ready(page);
    const told = [];
    for (const { pane, file, text } of act.texts) {
      if (file) await open(page, file);
      await paste(page, text, pane);
      await tab(page, "check");
      await page.waitForTimeout(1000);
      await page.waitForFunction(() => /mistakes?\b/.test(document.querySelector("#checks-panel [role=status]").textContent) && document.querySelector("#checks-panel .results > li"), null, { timeout: SOON });
      told.push(await texts(panel(page).locator(".results > li code")));
      await page.locator(`${pane} .cm-content`).click();
      await page.keyboard.press("Control+z");
      await page.waitForFunction(() => document.querySelector("#checks-panel [role=status]").textContent.startsWith("No mistakes"), null, { timeout: SOON });
    }
    return { told, complained: noted.complained.filter((one) => !one.includes("422")), scripts: await page.evaluate(() => window.hacked ?? null) };
  },

  // A rule that feeds on its own result: what is told, and that its advice comes back without it.
  async loop(page, act) {
    await ready(page);
    await paste(page, act.text);
    const told = page.locator(".advice-pane .said");
    await told.waitFor({ timeout: SOON });
    const said = await told.innerText();
    await rules(page).click();
    await page.keyboard.press("Control+z");
    await told.waitFor({ state: "detached", timeout: SOON });
    return { said, advised: await texts(page.locator(".advised > p")) };
  },

  // Names: what is offered, said, declared and called otherwise, by keyboard alone.
  async names(page, act) {
    await ready(page);
    await find(page, act.name);
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("Shift+F12");
    await page.locator("dialog .places li").first().waitFor({ timeout: SOON });
    const references = await texts(page.locator("dialog .places li button"));
    await page.keyboard.press("Escape");
    await page.locator("dialog").waitFor({ state: "detached" });
    await rules(page).focus();
    await page.keyboard.press("F2");
    await page.locator("dialog input").waitFor();
    const offered = await page.locator("dialog input").inputValue();
    await page.locator("dialog input").fill(act.taken);
    await page.keyboard.press("Enter");
    const refused = page.locator("dialog .refused");
    await refused.waitFor({ timeout: SOON });
    const why = await refused.innerText();
    await page.locator("dialog input").fill(act.to);
    await page.keyboard.press("Enter");
    await page.locator("dialog").waitFor({ state: "detached", timeout: SOON });
    const unsaved = await page.locator(".rules-pane option", { hasText: "not saved" }).evaluateAll((all) => all.map((one) => one.textContent));
    await rules(page).focus();
    await page.keyboard.press("F12");
    await page.waitForFunction((file) => document.querySelector(".rules-pane select").selectedOptions[0].textContent.includes(file), act.declared, { timeout: SOON });
    return { references, offered, why, unsaved, after: await page.locator(".rules-pane .cm-activeLine").innerText() };
  },

  // What is offered where a condition is written, and what is said of the name under the pointer.
  async help(page, act) {
    await ready(page);
    await find(page, act.line);
    await page.keyboard.press("ArrowRight");
    for (let back = 0; back < act.back; back++) await page.keyboard.press("Backspace");
    await page.keyboard.press("Control+Space");
    const offers = page.locator(".rules-pane .cm-completionLabel");
    await offers.first().waitFor({ timeout: SOON });
    const offered = await texts(offers);
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+z");
    const whole = page.locator(".rules-pane .cm-line", { hasText: act.line }).first();
    const says = page.locator(".rules-pane .cm-says");
    // The pointer rests at the name; what is said of it comes once the text is a whole one again.
    for (let turn = 0; turn < 8 && !(await says.count()); turn++) {
      await page.mouse.move(5, 5);
      await whole.hover({ position: { x: act.x + turn, y: 8 } });
      await says.waitFor({ timeout: SOON / 8 }).catch(() => {});
    }
    return { offered, says: await says.innerText() };
  },

  // What the rule at the cursor is worth, and the catalogue.
  async worth(page, act) {
    await ready(page);
    await find(page, `${act.rule}:`);
    await page.keyboard.press("ArrowRight");
    await page.locator(".lens code", { hasText: act.rule }).waitFor({ timeout: SOON });
    const lens = await page.locator(".lens").innerText();
    const here = page.locator(".lens .here");
    await here.locator("summary").waitFor({ timeout: SOON });
    await here.locator("summary").click();
    const fires = await here.innerText();
    const numbers = async (name, button, sign) => {
      await tab(page, name);
      await page.locator("button", { hasText: button }).click();
      await page.waitForFunction((words) => new RegExp(words).test(document.querySelector("#checks-panel [role=status]").textContent), sign, { timeout: SOON });
      return panel(page).locator("[role=status]").innerText();
    };
    const coverage = await numbers("coverage", "Measure coverage", "\\d of \\d+ seen$");
    const mutants = await numbers("mutants", "Try mutants", "\\d of \\d+ noticed$");
    await tab(page, "catalogue");
    await page.getByRole("searchbox").fill(act.search);
    await page.waitForFunction(() => /^1 of/.test(document.querySelector("#checks-panel [role=status]").textContent), null, { timeout: SOON });
    return { lens, fires, coverage, mutants, found: await texts(panel(page).locator(".results > li")) };
  },

  // No key is caught by an editor: Tab leaves it, and comes to everything.
  async keys(page) {
    await ready(page);
    await rules(page).focus();
    const where = () => page.evaluate(() => document.activeElement.closest("section").className + document.activeElement.className);
    const inside = await where();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Tab");
    const after = await where();
    const seen = new Set();
    for (let presses = 0; presses < 80; presses++) {
      await page.keyboard.press("Tab");
      seen.add(await page.evaluate(() => {
        const one = document.activeElement;
        return one.id || one.closest("section, header")?.className || one.tagName;
      }));
    }
    await page.locator("#tab-tests").focus();
    await page.keyboard.press("ArrowRight");
    const next = await page.evaluate(() => [document.activeElement.id, document.activeElement.getAttribute("aria-selected")]);
    return { inside, after, seen: [...seen], next };
  },

  // A file that changed on disk meanwhile, and one that is only looked at.
  async clash(page, act) {
    await ready(page);
    await find(page, act.line);
    await page.keyboard.press("ArrowRight");
    await page.keyboard.type(" # mine");
    await page.locator(".rules-pane button", { hasText: /^Save$/ }).waitFor();
    require("node:fs").appendFileSync(act.file, "# theirs\n");
    await page.locator("#merge-title").waitFor({ timeout: SOON });
    return { title: await page.locator("#merge-title").innerText() };
  },

  // What a page without leave to edit shows, and what is typed into it.
  async only_try(page) {
    await page.locator("nav[aria-label=View] button", { hasText: "Rules" }).click();
    await ready(page);
    await rules(page).click();
    await page.keyboard.press("Control+Home");
    await page.keyboard.type("x");
    await page.keyboard.press("Control+s");
    await page.locator(".of-before, .rules-pane .at-cursor .said").first().waitFor({ timeout: SOON });
    return {
      buttons: await texts(page.locator(".rules-pane button, .advice-pane > .pane-head button")),
      text: await rules(page).innerText(),
      told: await page.locator(".rules-pane > .pane-head .quiet").innerText(),
    };
  },
};
