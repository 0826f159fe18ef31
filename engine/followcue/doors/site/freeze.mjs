// Runs a Python program in the Python of the page: node freeze.mjs PYODIDE FOLDER, where FOLDER holds `freeze.py`.
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [runtime, folder] = process.argv.slice(2).map((path) => resolve(path));
try {
  const { loadPyodide } = await import(pathToFileURL(join(runtime, "pyodide.mjs")));
  // Nothing may depend on the order of a set: what is frozen must be the same bytes each time.
  const python = await loadPyodide({ env: { HOME: "/home/pyodide", PYTHONHASHSEED: "0" } });
  python.mountNodeFS("/frozen", folder);
  python.runPython("exec(compile(open('/frozen/freeze.py').read(), 'freeze.py', 'exec'), {'__name__': '__main__'})");
} catch (error) {
  process.stderr.write(String(error?.message ?? error).slice(-4000));
  process.exit(1);
}
