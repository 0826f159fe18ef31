// What tests/test_static_site.py does with a site in a browser.
"use strict";

const READY = 300000;

/** Seconds until the page shows what the engine says. */
async function started(page, since) {
  await page.waitForFunction(() => !document.querySelector("#page > .starting"), null, { timeout: READY });
  await page.locator("main").waitFor();
  return (Date.now() - since) / 1000;
}

/** Gives the page a worker of one's own, and `window.ask`. */
async function withWorker(page) {
  await page.evaluate(() => {
    const worker = new Worker("worker.js", { type: "module" });
    let last = 0;
    window.ask = (method, params) => new Promise((resolve) => {
      const id = ++last, lines = [];
      worker.addEventListener("message", function hear({ data }) {
        if (data.id !== id) return;
        if ("line" in data) return lines.push(data.line);
        worker.removeEventListener("message", hear);
        resolve("done" in data ? { lines } : data);
      });
      worker.postMessage({ id, method, params });
    });
  });
  await page.evaluate(() => window.ask("start", {}));
}

module.exports = {
  // How the page looks while the engine is on its way, which here never arrives.
  async waiting(page, act, { axe }) {
    await page.route("**/engine.zip", () => {});
    await page.reload();
    const status = page.locator("#page [role=status]");
    await page.waitForFunction(() => /MB/.test(document.querySelector("#page").textContent), null, { timeout: READY });
    const text = await page.locator("body").innerText();
    const told = await status.textContent();
    if (act.picture) await page.screenshot({ path: act.picture });
    return { text, told };
  },

  // How long it takes until the page answers, and what it says then.
  async start(page, act, { noted }) {
    const since = Date.now();
    await page.reload();
    const seconds = await started(page, since);
    await page.locator("main h1, main h2, main h3").first().waitFor();
    const text = await page.locator("body").innerText();
    const kept = await page.evaluate(() => localStorage.length);
    if (act.picture) await page.screenshot({ path: act.picture });
    return { seconds, text, kept, ...noted };
  },

  // The answers of a worker of one's own to questions, with the network cut once it is there.
  async answers(page, act, { noted }) {
    await started(page, Date.now());
    await withWorker(page);
    await page.context().setOffline(true);
    const before = noted.asked.length;
    const answers = [];
    try {
      for (const [method, params] of act.questions)
        answers.push(await page.evaluate(([method, params]) => window.ask(method, params), [method, params]));
    } finally {
      await page.context().setOffline(false);
    }
    return { answers, asked: noted.asked.slice(before) };
  },

  // Seconds from the last key of an edit of the situation to its advice on the page, and from an edited rule to what
  // the engine says then.
  async edit(page, act) {
    const { situation, cards, rules } = act;
    await started(page, Date.now());
    const shown = (count) => page.waitForFunction((wanted) => document.querySelectorAll(".today > article.card").length === wanted, count, { timeout: READY, polling: 20 });
    const skip = page.getByRole("button", { name: "Skip the tour" });
    if (await skip.count()) await skip.click();
    await page.locator("details.text summary").click();
    const ofSituation = [];
    for (let time = 0; time < 3; time++) {
      await page.locator("details.text .cm-content").click();
      await page.keyboard.press("Control+End");
      await page.keyboard.insertText(situation);
      const since = Date.now();
      await shown(cards.after);
      ofSituation.push((Date.now() - since) / 1000);
      await page.getByRole("button", { name: "Back to what is saved" }).click();
      await shown(cards.before);
    }
    // The rules are read while nobody asks anything, so that already the first edit finds them ready.
    await withWorker(page);
    await page.waitForTimeout(act.rest);
    const ofRules = [];
    for (const texts of rules) {
      const since = Date.now();
      const said = await page.evaluate((given) => window.ask("advice", given), { texts });
      if (!said.answer?.report || said.answer.rules !== "current") throw new Error(JSON.stringify(said).slice(0, 300));
      ofRules.push((Date.now() - since) / 1000);
    }
    return { ofSituation, ofRules };
  },

  // What somebody does who has come for a page of their own: begins anew, then opens a file that is there already.
  async own(page, act, { axe }) {
    await started(page, Date.now());
    const bar = page.getByRole("region", { name: "An example" });
    const told = await bar.innerText();
    const shown = (await axe(page)).violations;
    await page.getByRole("button", { name: "Begin with mine" }).click();
    await page.locator(".first-start form").waitFor();
    const asked = (await axe(page)).violations;
    await page.locator(".first-start input").first().fill(act.company);
    await page.keyboard.press("Enter");
    await page.locator(".courses").waitFor();
    const begun = await page.locator("main").innerText();
    const coming = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save as a file" }).click();
    const saved = await coming;
    await page.locator(".downloads input[type=file]").setInputFiles(act.file);
    await page.locator(".notice", { hasText: "This is" }).waitFor();
    await page.locator(".card.lead h2", { hasText: act.wanted }).waitFor();
    return {
      told, begun, violations: [...shown, ...asked], name: saved.suggestedFilename(),
      text: require("node:fs").readFileSync(await saved.path(), "utf8"), examples: await bar.count(),
    };
  },

  // A rule of the pack changed in its editor: the advice that comes of it, and what is offered there.
  async rule(page, act) {
    await started(page, Date.now());
    await page.getByRole("button", { name: "Rules", exact: true }).click();
    await page.locator(".bench .advised").first().waitFor();
    await page.locator(".rules-pane select").selectOption({ label: act.file });
    const editor = page.locator(".rules-pane .cm-content");
    await editor.getByText("rules.schema.json").first().waitFor();
    await page.waitForTimeout(act.rest);
    await editor.click();
    await page.keyboard.press("Control+f");
    await page.locator(".rules-pane .cm-search input[name=search]").fill(act.was);
    await page.keyboard.press("End");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Escape");
    await page.keyboard.insertText(act.now);
    const since = Date.now();
    await page.locator(".advised", { hasText: act.shown }).first().waitFor({ state: "attached", timeout: 60000 });
    const seconds = (Date.now() - since) / 1000;
    return { seconds, buttons: await page.locator(".rules-pane button, .advice-pane > .pane-head button").allInnerTexts(), tests: await page.locator("#checks-panel [role=status]").innerText() };
  },

  // What Python in the page makes of a program, under the policy of the page.
  async python(page, act) {
    await started(page, Date.now());
    return page.evaluate(async ({ program, given }) => {
      const { loadPyodide } = await import(new URL("pyodide/pyodide.mjs", location.href).href);
      const python = await loadPyodide({ env: { HOME: "/home/pyodide" } });
      const archive = await (await fetch("engine.zip")).arrayBuffer();
      python.FS.writeFile("/engine.zip", new Uint8Array(archive));
      python.globals.set("given", JSON.stringify(given));
      python.globals.set("__file__", "/tests/program.py");
      python.runPython("import sys; sys.path.insert(0, '/engine.zip')");
      return python.runPython(program);
    }, { program: act.program, given: act.given });
  },

  // The page itself, used with the network cut: another example, the rules, an edit.
  async offline(page, act, { noted }) {
    await started(page, Date.now());
    await page.waitForLoadState("networkidle");
    await page.context().setOffline(true);
    const before = noted.asked.length;
    try {
      await page.getByRole("button", { name: "Rules", exact: true }).click();
      await page.locator(".cm-content, [class*=editor]").first().waitFor();
      if (act.picture) await page.screenshot({ path: act.picture });
      const text = await page.locator("main").innerText();
      return { text, asked: noted.asked.slice(before).filter((one) => !one.startsWith("blob:")), complained: noted.complained };
    } finally {
      await page.context().setOffline(false);
    }
  },

  // What comes of a page, or a stranger's script in it, that wants to send something.
  async sending(page, act, { noted }) {
    await started(page, Date.now());
    return page.evaluate(async (address) => {
      const tried = {};
      const image = new Image();
      image.src = `${address}?picture`;
      tried.picture = await new Promise((resolve) => { image.onload = () => resolve("went"); image.onerror = () => resolve("refused"); });
      tried.fetch = await fetch(address, { mode: "no-cors" }).then(() => "went", () => "refused");
      tried.beacon = navigator.sendBeacon(address, "x") ? "queued" : "refused";
      const script = document.createElement("script");
      script.textContent = "window.ran = true";
      document.body.append(script);
      tried.script = window.ran ? "ran" : "refused";
      return tried;
    }, act.elsewhere);
  },

  // What is there after the page was opened again: without asking, after asking, and after asking to forget.
  async keeping(page, act) {
    const kept = () => page.evaluate(() => Object.values(localStorage));
    const found = [];
    await started(page, Date.now());
    const box = page.getByRole("checkbox");
    found.push(await kept());
    await box.check();
    await page.getByRole("button", { name: act.press }).first().click();
    await page.waitForFunction(() => Object.values(localStorage).some((one) => one.length > 2));
    found.push(await kept());
    await page.reload();
    await started(page, Date.now());
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Save as a file" }).click(),
    ]);
    const saved = require("node:fs").readFileSync(await download.path(), "utf8");
    await page.getByRole("checkbox").uncheck();
    found.push(await kept());
    return { kept: found, saved, name: download.suggestedFilename() };
  },
};
