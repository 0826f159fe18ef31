// Looks at pages in a real browser: reads {"browser": path, "looks": [...]} on standard input, writes one result a look.
"use strict";
const { readFileSync } = require("node:fs");
const { pathToFileURL } = require("node:url");
const { chromium } = require("playwright-core");

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--hide-scrollbars",
];
const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

async function opened(browser, look, options) {
  const context = await browser.newContext({
    viewport: { width: look.width ?? 1100, height: look.height ?? 900 },
    colorScheme: look.scheme ?? "light",
    reducedMotion: look.reduced ? "reduce" : "no-preference",
    permissions: ["clipboard-read", "clipboard-write"],
    ...options,
  });
  const page = await context.newPage();
  const noted = { asked: [], complained: [] };
  page.on("request", (request) => noted.asked.push(request.url()));
  page.on("console", (message) => noted.complained.push(message.text()));
  page.on("pageerror", (error) => noted.complained.push(String(error)));
  page.on("dialog", (dialog) => { noted.complained.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  await page.goto(pathToFileURL(look.page) + (look.anchor ?? ""));
  if (look.media) await page.emulateMedia({ media: look.media });
  if (look.open) await page.evaluate((all) => document.querySelectorAll(all).forEach((one) => { one.open = true; }), look.open);
  return { context, page, noted };
}

const doing = {
  // What axe finds, and what is wider than the window.
  async check(browser, look) {
    const { context, page } = await opened(browser, look, { bypassCSP: true });
    await page.evaluate(AXE);
    const found = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
    const [wide, window_] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    await context.close();
    return {
      violations: found.violations.map((one) => `${one.id}: ${one.nodes[0].html.slice(0, 200)} ${one.nodes[0].failureSummary}`),
      passes: found.passes.length,
      overflow: wide - window_,
    };
  },
  // What the page asks for and complains about, with its own policy in force, and where Tab goes.
  async use(browser, look) {
    const { context, page, noted } = await opened(browser, look);
    const focused = [];
    for (let presses = 0; presses < (look.tabs ?? 0); presses++) {
      await page.keyboard.press("Tab");
      focused.push(await page.evaluate(() => {
        const one = document.activeElement;
        return [one.tagName.toLowerCase(), one.textContent.trim(), getComputedStyle(one).outlineStyle];
      }));
    }
    const results = [];
    for (const code of look.evaluate ?? []) results.push(await page.evaluate(code));
    await context.close();
    return { ...noted, focused, results };
  },
  // Opens the first message that is folded, by keyboard, and copies it.
  async copy(browser, look) {
    const { context, page, noted } = await opened(browser, look);
    const summary = page.locator("summary", { hasText: /^Message/ }).first();
    await summary.focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    const status = page.locator("[role=status]:not(:empty)");
    await status.waitFor({ timeout: 30000 });
    const told = await status.textContent();
    const text = await page.evaluate(() => document.querySelector("details[open] pre").textContent);
    const clipboard = await page.evaluate(() => navigator.clipboard.readText());
    await context.close();
    return { ...noted, told, text, clipboard };
  },
  // Types into the search field, and reads what is left.
  async search(browser, look) {
    const { context, page, noted } = await opened(browser, look);
    await page.locator("#find").focus();
    await page.keyboard.type(look.text);
    const told = await page.locator("#found").textContent();
    const left = await page.locator(".group li:visible").allInnerTexts();
    const headings = await page.locator(".group h2:visible").allInnerTexts();
    await context.close();
    return { ...noted, told, left, headings };
  },
  // How the page looks where no script runs.
  async plain(browser, look) {
    const { context, page } = await opened(browser, look, { javaScriptEnabled: false });
    const buttons = await page.locator("button:visible").count();
    const text = await page.locator("main").innerText();
    await context.close();
    return { buttons, text };
  },
  // What a script of a page can read where a name of its own leads to an address of this machine: the page is
  // served by its own server as long as it is opened, and the name leads elsewhere afterwards.
  async rebind(browser, look) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.route(look.page, (route) => route.fulfill({ contentType: "text/html", body: "<!doctype html><p>free" }));
    await page.goto(look.page);
    const read = await page.evaluate((asked) => Promise.all(asked.map(async ([address, options]) => {
      try {
        const answer = await fetch(address, options);
        return [answer.status, await answer.text()];
      } catch (error) { return [0, String(error)]; }
    })), look.asked);
    await context.close();
    return { read };
  },
  // A picture, of the whole page or of its beginning.
  async shoot(browser, look) {
    const { context, page } = await opened(browser, look, { deviceScaleFactor: look.scale ?? 1 });
    const clip = look.clip ? { fullPage: true, clip: look.clip } : { fullPage: look.full ?? false };
    await page.screenshot({ path: look.picture, ...clip });
    await context.close();
    return {};
  },
};

(async () => {
  const asked = JSON.parse(readFileSync(0, "utf8"));
  const browser = await chromium.launch({ executablePath: asked.browser, args: [...FLAGS, ...(asked.flags ?? [])] });
  const results = [];
  for (const look of asked.looks) results.push(await doing[look.do](browser, look));
  await browser.close();
  process.stdout.write(JSON.stringify(results));
})().catch((error) => { console.error(error); process.exit(1); });
