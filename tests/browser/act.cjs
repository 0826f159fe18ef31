// Acts on a page that is served: reads {"browser": path, "module": name, "address": url, "acts": [...]} on standard
// input, and writes what the function of that name in the module gave back for each act.
"use strict";
const { readFileSync } = require("node:fs");
const { chromium } = require("playwright-core");

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--hide-scrollbars",
];
const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

// What axe finds on a page as it is now, and what is wider than the window.
async function axe(page) {
  await page.evaluate(AXE);
  const found = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  const wide = await page.evaluate(() => [...document.querySelectorAll("body *")]
    .filter((one) => one.getBoundingClientRect().right > innerWidth + 1).map((one) => one.outerHTML.slice(0, 120)).slice(0, 8));
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  return {
    violations: found.violations.map((one) => `${one.id}: ${one.nodes[0].html.slice(0, 200)} ${one.nodes[0].failureSummary}`),
    passes: found.passes.length,
    overflow,
    wide,
  };
}

(async () => {
  const asked = JSON.parse(readFileSync(0, "utf8"));
  const doing = require(`./${asked.module}.cjs`);
  const browser = await chromium.launch({ executablePath: asked.browser, args: FLAGS });
  const context = await browser.newContext({ permissions: ["clipboard-read", "clipboard-write"] });
  context.setDefaultTimeout(asked.patience ?? 30000);
  const results = [];
  for (const act of asked.acts) {
    const page = await context.newPage();
    await page.setViewportSize({ width: act.width ?? 1280, height: act.height ?? 900 });
    await page.emulateMedia({ colorScheme: act.scheme ?? "light", reducedMotion: act.reduced ? "reduce" : "no-preference" });
    const noted = { asked: [], complained: [] };
    page.on("request", (request) => noted.asked.push(request.url()));
    page.on("console", (message) => noted.complained.push(message.text()));
    page.on("pageerror", (error) => noted.complained.push(String(error)));
    await page.goto(asked.address);
    try {
      results.push((await doing[act.do](page, act, { axe, noted })) ?? null);
    } catch (error) {
      await page.screenshot({ path: "failed.png" }).catch(() => {});
      throw new Error(`${act.do}: ${error.message}`);
    }
    await page.close();
  }
  await browser.close();
  process.stdout.write(JSON.stringify(results));
})().catch((error) => { console.error(error); process.exit(1); });
