// Lists the licence of every package that a part of the bundle was made of, in a file beside it.
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";

/** The folder of the package that a module belongs to, or null for the page's own. */
function packageOf(module) {
  const path = module.replace(/^\0/, "").split("?")[0];
  const found = path.match(/^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//);
  return found ? found[1] : null;
}

function licenceOf(folder) {
  const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
  if (!file) throw new Error(`${about.name} has no file with its licence`);
  const text = readFileSync(join(folder, file), "utf8").replaceAll("\r\n", "\n").trim();
  return { name: about.name, version: about.version, licence: about.license, text };
}

export function licences(fileName) {
  return {
    name: "licences",
    generateBundle(_, bundle) {
      const folders = new Set();
      for (const part of Object.values(bundle))
        for (const module of part.type === "chunk" ? part.moduleIds : []) {
          const folder = packageOf(module);
          if (folder) folders.add(folder);
        }
      const all = [...folders].map(licenceOf).sort((a, b) => (a.name < b.name ? -1 : 1));
      const texts = all.map((one) => `${one.name} ${one.version} (${one.licence})\n\n${one.text}\n`);
      const head = "The page of the workbench is made with these packages.\n";
      this.emitFile({ type: "asset", fileName, source: [head, ...texts].join(`\n${"-".repeat(78)}\n\n`) });
    },
  };
}
