// What a person does on the page of `followcue open`; see act.cjs.
"use strict";
const { appendFileSync, readFileSync } = require("node:fs");

const read = (path) => readFileSync(path, "utf8");

// Waits for the page, and skips the tour.
async function ready(page) {
  await page.locator(".courses").waitFor();
  await page.locator(".days").waitFor();
  const skip = page.getByRole("button", { name: "Skip the tour" });
  if (await skip.count()) await skip.click();
}

// Waits until a file says what is wanted.
async function until(path, wanted) {
  for (let tries = 0; tries < 200; tries++) {
    if (wanted(read(path))) return read(path);
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`${path} says: ${read(path)}`);
}

const cards = (page, where) => page.locator(`${where} article.card`).evaluateAll((all) => all.map((one) => ({
  id: one.dataset.id, number: Number(one.dataset.number), title: one.querySelector("h2, h3").textContent,
})));

// The day that the slider stands on, once its advice is shown.
async function dayShown(page, day) {
  await page.locator(`.ahead[data-day="${day}"]`).waitFor();
  return page.locator(".ahead details.then article.card").evaluateAll((all) => all.map((one) => one.dataset.id));
}

async function openText(page) {
  await page.locator("details.text summary").click();
  await page.locator("details.text .cm-content").waitFor();
}

module.exports = {
  // The advice, as cards and as lines, and what the page asked for and complained about.
  async advice(page, act, { noted }) {
    await ready(page);
    await page.locator("details.rest summary").click();
    const result = {
      cards: await cards(page, ".today"),
      coming: await page.locator(".coming .line").allTextContents(),
      message: await page.locator(".lead .letter pre").first().textContent().catch(() => null),
    };
    return { ...result, ...noted };
  },
  // Seconds from asking for the page to the first step on it, and what was asked of the program until then.
  async soon(page, act, { noted }) {
    await page.locator(".card.lead h2").waitFor();
    const seconds = await page.evaluate(() => performance.now() / 1000);
    const asked = noted.asked.filter((one) => one.includes("/api/")).map((one) => one.split("/api/")[1]);
    return { seconds, asked: asked.slice(asked.lastIndexOf("start")) };
  },
  // Each day by its arrow key: what is to be done on it.
  async days(page, { days }) {
    await ready(page);
    const slider = page.locator("input[type=range]");
    await slider.focus();
    const found = {};
    for (const day of days) {
      await page.keyboard.press("ArrowRight");
      found[day] = await dayShown(page, day);
    }
    await page.keyboard.press("T");
    const marks = await page.locator(".stops circle").evaluateAll((all, last) => all.map((one) => Math.round((parseFloat(one.getAttribute("cx")) * last) / 100)), days.length);
    const stops = [], told = [];
    for (;;) {
      const before = await page.locator(".change strong").textContent();
      const next = page.getByRole("button", { name: /^Next change/ });
      if (await next.isDisabled()) break;
      await slider.focus();
      await page.keyboard.press("PageUp");
      await page.waitForFunction((old) => document.querySelector(".change strong").textContent !== old, before);
      stops.push(await slider.evaluate((one) => Number(one.value)));
      told.push(await page.locator(".change").innerText());
    }
    const region = await page.locator(".change").evaluate((one) => [one.getAttribute("role"), one.getAttribute("aria-live")]);
    const said = await slider.getAttribute("aria-valuetext");
    await page.keyboard.press("PageDown");
    const back = await slider.evaluate((one) => Number(one.value));
    await page.keyboard.press("Home");
    const home = await slider.evaluate((one) => Number(one.value));
    return { found, stops, marks, told, region, said, back, home };
  },
  // Two clicks write an event; Undo takes it back.
  async add(page, { kind, file }) {
    await ready(page);
    const before = read(file);
    await page.locator(".kinds button", { hasText: kind }).click();
    await page.locator("form.event button[type=submit]").click();
    const after = await until(file, (text) => text !== before);
    await page.locator(".notice button", { hasText: "Undo" }).click();
    return { after, undone: await until(file, (text) => text === before) };
  },
  // A step is done, and Ctrl+Z takes it back, all by keyboard; every stop of Tab can be seen.
  async keyboard(page, { file, tabs }) {
    await ready(page);
    const before = read(file);
    const seen = [];
    for (let press = 0; press < tabs; press++) {
      await page.keyboard.press("Tab");
      seen.push(await page.evaluate(() => {
        const one = document.activeElement, style = getComputedStyle(one);
        return [one.tagName, one.textContent.slice(0, 30), style.outlineStyle !== "none" || one.matches("input[type=range]")];
      }));
      if (seen.at(-1)[1].startsWith("Done")) break;
    }
    await page.keyboard.press("Enter");
    const after = await until(file, (text) => text !== before);
    await page.waitForFunction(() => document.activeElement.tagName === "H1");
    await page.keyboard.press("Control+z");
    return { seen, after, undone: await until(file, (text) => text === before) };
  },
  // "Not now", for good; then it stands among what is left out, and may be advised again.
  async skip(page, { file }) {
    await ready(page);
    const before = read(file);
    const title = await page.locator(".card.lead h2").textContent();
    await page.locator(".card.lead button", { hasText: "Not now" }).click();
    await page.locator(".card.lead button", { hasText: "For good" }).click();
    const after = await until(file, (text) => text !== before);
    await page.locator("summary", { hasText: "Left out" }).click();
    await page.getByRole("button", { name: /^Advise it again/ }).first().click();
    await until(file, (text) => !text.includes("skips:"));
    await page.waitForFunction((old) => document.querySelector(".card.lead h2").textContent === old, title);
    return { after };
  },
  // Why not, the change that would bring it, and back.
  async whyNot(page, { file, action, put }) {
    await ready(page);
    const before = read(file);
    await page.locator(".why-not summary").click();
    await page.locator(".why-not select").selectOption({ label: action });
    await page.locator(".why-not .headline").waitFor();
    const headline = await page.locator(".why-not .headline").textContent();
    const changes = await page.locator(".why-not .changes > li > p:first-child").allTextContents();
    const written = await page.locator(".why-not .changes > li > details > p").allTextContents();
    const change = page.locator(".why-not .changes > li").nth(put);
    await change.getByRole("button", { name: /^Try it/ }).click();
    await page.locator(".trying").waitFor();
    const tried = read(file);
    await page.getByRole("button", { name: "Take it back" }).click();
    await page.locator(".trying").waitFor({ state: "detached" });
    await change.getByRole("button", { name: /^Put it in/ }).click();
    const after = await until(file, (text) => text !== before);
    const day = await change.getByRole("button", { name: /^Look at/ }).count();
    if (day) await change.getByRole("button", { name: /^Look at/ }).click();
    await page.waitForTimeout(1500);
    const advised = await page.locator(".columns").textContent();
    await page.getByRole("button", { name: "Undo" }).first().click();
    return { headline, changes, written, tried, after, advised, undone: await until(file, (text) => text === before) };
  },
  // Somebody else writes the file while it is edited here: both versions are shown, and nothing is overwritten.
  async conflict(page, act, { axe }) {
    const { file, mine, theirs } = act;
    await ready(page);
    const before = read(file);
    await openText(page);
    await page.locator("details.text .cm-content").click();
    await page.keyboard.press("Control+Home");
    await page.keyboard.type(mine);
    await page.waitForFunction(() => document.querySelector(".saved").textContent === "Not saved");
    appendFileSync(file, theirs);
    await page.keyboard.press("Control+s");
    await page.locator(".merge .cm-content").first().waitFor();
    if (act.picture) await page.screenshot({ path: act.picture });
    const found = await axe(page);
    const kept = read(file);
    const shown = await page.locator(".merge .cm-content").allInnerTexts();
    if (act.take) {
      await page.getByRole("button", { name: act.take }).last().focus();
      await page.keyboard.press("Enter");
    }
    await page.getByRole("button", { name: /^Save/ }).click();
    await page.locator(".merge").waitFor({ state: "detached" });
    return { before, kept, shown, after: await until(file, (text) => text !== kept), ...found };
  },
  // Two pages on one file: what is added on each, one after the other and at once, and what each shows then.
  async twoPages(page, { file, kinds }) {
    await ready(page);
    const other = await page.context().newPage();
    await other.goto(page.url());
    await ready(other);
    const add = async (on, kind) => {
      await on.locator(".kinds button", { hasText: kind }).click();
      await on.locator("form.event button[type=submit]").click();
    };
    const before = read(file);
    await add(other, kinds[0]);
    const first = await until(file, (text) => text !== before);
    await page.locator(".notice", { hasText: "changed on disk" }).waitFor();
    await add(page, kinds[1]);
    const second = await until(file, (text) => text !== first);
    await other.locator(".notice", { hasText: "changed on disk" }).waitFor();
    // Now both at once: each has read the same text, and one of them is told.
    const cards = [page.locator("article.card").nth(0), other.locator("article.card").nth(1)];
    await Promise.all(cards.map((card) => card.locator("button", { hasText: "Not now" }).click()));
    await Promise.all(cards.map((card) => card.locator("button", { hasText: "For good" }).evaluate((button) => button.click())));
    await page.waitForTimeout(4000);
    const clashes = (await page.locator(".merge").count()) + (await other.locator(".merge").count());
    const third = read(file);
    await other.close();
    return { before, first, second, third, clashes };
  },
  // A mistake in the text is marked and told with its hint, and the advice of before stays.
  async mistake(page, { typed }, { axe }) {
    await ready(page);
    const title = await page.locator(".card.lead h2").textContent();
    await openText(page);
    await page.locator("details.text .cm-content").click();
    await page.keyboard.press("Control+Home");
    await page.keyboard.type(typed);
    const typedText = await page.locator("details.text .cm-line").first().innerText();
    await page.locator(".mistakes li").first().waitFor();
    const told = await page.locator(".mistakes").innerText();
    await page.locator("details.text .cm-lintRange-error").first().waitFor();
    const kept = (await page.locator(".card.lead h2").textContent()) === title;
    const found = await axe(page);
    await page.getByRole("button", { name: "Back to what is saved" }).click();
    await page.locator(".mistakes").waitFor({ state: "detached" });
    return { told, kept, typedText, ...found };
  },
  // How bars and dots are told apart, what stands beside whatever has a colour, and what moves by itself.
  async signs(page) {
    await ready(page);
    const looks = await page.locator(".legend svg > *").evaluateAll((all) => all.map((one) => {
      const { fill, stroke, strokeDasharray } = getComputedStyle(one);
      return { name: one.closest("li").textContent, is: one.tagName, fill, stroke, strokeDasharray };
    }));
    const slider = page.locator("input[type=range]");
    await slider.focus();
    await page.keyboard.press("PageUp");
    await page.locator(".stop.here").waitFor();
    const sizes = await page.locator(".stops circle").evaluateAll((all) => all.map((one) => [one.classList.contains("here"), one.getAttribute("r")]));
    const texts = (where) => page.locator(where).evaluateAll((all) => all.map((one) => one.textContent.trim()));
    const moving = await page.evaluate(() => [getComputedStyle(document.documentElement).scrollBehavior, document.getAnimations().length]);
    return { looks, sizes, moving, told: await texts(".card .when, .saved, .lane:not(.head) .label, .gained .sign") };
  },
  // Axe on the page with everything open.
  async look(page, act, { axe }) {
    await ready(page);
    await page.evaluate(() => document.querySelectorAll("details:not(.text)").forEach((one) => { one.open = true; }));
    await page.getByRole("button", { name: /^Why/ }).first().click();
    await page.locator(".why .outline").first().waitFor({ state: "attached" });
    await page.locator(".kinds button").nth(1).click();
    if (act.text) await openText(page);
    if (act.picture) await page.screenshot({ path: act.picture, fullPage: true });
    return axe(page);
  },
  // Whether a page of another origin, in the browser that has this one open, comes at anything: what each way gave it.
  async foreign(page, { elsewhere, mine }) {
    await ready(page);
    const here = new URL(page.url()).origin;
    await page.goto(elsewhere);
    return page.evaluate(async ({ here, mine }) => {
      const tried = {};
      const way = async (name, options) => {
        tried[name] = await fetch(`${here}/api/${options.method_ ?? "start"}`, { credentials: "include", ...options })
          .then(async (answer) => (answer.type === "opaque" ? "nothing to read" : answer.text()), () => "refused");
      };
      const json = { "Content-Type": "application/json" };
      await way("json", { method: "POST", headers: json, body: "{}" });
      await way("plain", { method: "POST", mode: "no-cors", body: "{}" });
      await way("save", { method: "POST", mode: "no-cors", method_: "save", body: mine });
      await way("read", { method: "GET" });
      const frame = document.createElement("iframe");
      frame.src = here;
      document.body.append(frame);
      await new Promise((done) => { frame.onload = done; setTimeout(done, 2000); });
      try { tried.frame = frame.contentWindow.document.body.innerText; } catch { tried.frame = "refused"; }
      return tried;
    }, { here, mine });
  },
  // Texts that no person would write, pasted in the place of the whole file: what is told of each.
  async odd(page, { texts }, { noted }) {
    await ready(page);
    await openText(page);
    const told = [];
    for (const text of texts) {
      await page.evaluate((copied) => navigator.clipboard.writeText(copied), text);
      await page.locator("details.text .cm-content").click();
      await page.keyboard.press("Control+a");
      await page.keyboard.press("Control+v");
      await page.locator(".mistakes li").first().waitFor();
      told.push(await page.locator(".mistakes").innerText());
      await page.getByRole("button", { name: "Back to what is saved" }).click();
      await page.locator(".mistakes").waitFor({ state: "detached" });
    }
    const title = await page.locator(".card.lead h2").textContent();
    return { told, title, hacked: await page.evaluate(() => window.hacked ?? null), complained: noted.complained.filter((one) => !one.includes("422")) };
  },
  // A first start: the tour can be skipped and is not shown again; one question begins a file.
  async first(page, { file, company }, { axe }) {
    await page.locator(".first-start form").waitFor();
    const found = await axe(page);
    await page.locator(".examples button").first().click();
    await page.locator(".trying").waitFor();
    await page.getByRole("button", { name: "Back to mine" }).click();
    await page.locator(".first-start input").first().fill(company);
    await page.keyboard.press("Enter");
    await page.locator(".tour").waitFor();
    const tour = [];
    for (let stop = 0; stop < 2; stop++) {
      tour.push(await page.locator(".tour p").first().innerText());
      await page.locator(".tour button", { hasText: "Next" }).click();
    }
    const toured = await axe(page);
    await page.keyboard.press("Escape");
    await page.locator(".tour").waitFor({ state: "detached" });
    await page.reload();
    await page.locator(".happened").waitFor();
    const again = await page.locator(".tour").count();
    return { ...found, toured: toured.violations, tour, again, text: await until(file, (text) => text.includes(company)) };
  },
  // The calendar and the report come as files; a message is copied.
  async takeAlong(page) {
    await ready(page);
    const names = [];
    for (const name of ["Calendar (.ics)", "Report as a page"]) {
      const coming = page.waitForEvent("download");
      await page.getByRole("button", { name }).click();
      const file = await coming;
      names.push([file.suggestedFilename(), read(await file.path()).slice(0, 15)]);
    }
    await page.locator(".lead").getByRole("button", { name: /^Copy the text/ }).click();
    await page.locator(".lead [role=status]", { hasText: "Copied" }).waitFor();
    const text = await page.locator(".lead .letter pre").textContent();
    await page.locator("summary", { hasText: "Subscribe" }).click();
    const field = page.locator(".downloads input");
    await page.waitForFunction(() => document.querySelector(".downloads input").value !== "");
    const feed = await field.inputValue();
    return { names, text, feed, copied: await page.evaluate(() => navigator.clipboard.readText()) };
  },
};
