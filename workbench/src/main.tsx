import { render } from "preact";
import { App } from "./App";
import { HttpHost } from "./host";
import { SiteHost } from "./site";
import { Workbench, WorkbenchProvider } from "./state";
import "./style/tokens.css";
import "./style/page.css";
import "./style/person.css";

/** What the page asks: the program that serves it, or a worker beside it where a site says so. */
function hostOfThisPage(told: (words: string) => void) {
  const said = document.querySelector<HTMLMetaElement>("meta[name=followcue-host]")?.content;
  if (said === "worker") return new SiteHost(new Worker("worker.js", { type: "module" }), told);
  const secret = location.hash.slice(1);
  // The secret shall stand neither in the history nor in a bookmark.
  if (secret) history.replaceState(null, "", location.pathname + location.search);
  return new HttpHost(secret);
}

const workbench: Workbench = new Workbench(hostOfThisPage((progress) => workbench.set({ progress })));
const page = document.getElementById("page")!;
page.replaceChildren();
render(<WorkbenchProvider value={workbench}><App /></WorkbenchProvider>, page);
void workbench.begin();
