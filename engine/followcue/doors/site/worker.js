// The worker of a page: starts Python with the engine in it, then answers one question after the other.
//
// The page posts {id, method, params} or {cancel: id}. Posted back are {progress}, and of a question {id, answer},
// {id, diagnostics} or {id, failed}; of one that is answered bit by bit {id, line} after {id, line}, then {id, done}.
import { loadPyodide } from "./pyodide/pyodide.mjs";
import { BYTES } from "./sizes.js";

const waiting = [];
let working = false;
let engine = null;
let ahead = null;
let resting = null;

addEventListener("message", ({ data }) => {
  if ("cancel" in data) {
    const place = waiting.findIndex((one) => one.id === data.cancel);
    if (place >= 0) waiting.splice(place, 1);
    else if (data.cancel === working) working = null; // a stream sees it before its next line
    return;
  }
  waiting.push(data);
  void work();
});

/** Lets messages in that came meanwhile. */
const pause = () => new Promise((resolve) => { const { port1, port2 } = new MessageChannel(); port1.onmessage = resolve; port2.postMessage(0); });

async function work() {
  if (working !== false || engine === null) return;
  while (waiting.length) {
    const { id, method, params } = waiting.shift();
    working = id;
    try {
      await answer(id, method, JSON.stringify(params));
    } catch (error) {
      postMessage({ id, failed: `The engine failed: ${String(error?.message ?? error).slice(-300)}` });
    }
    working = false;
    await pause();
  }
  workAhead(REST);
}

/** Milliseconds without a question after which the worker does what a later one will need. */
const REST = 1000;

/** Does it piece by piece, so that a question waits for one piece at most. */
function workAhead(after) {
  clearTimeout(resting);
  resting = setTimeout(() => {
    if (working === false && !ahead.next().done) workAhead(0);
  }, after);
}

async function answer(id, method, params) {
  if (!engine.streams(method)) return post(id, engine.answer(method, params));
  const lines = engine.lines(method, params);
  try {
    for (const line of lines) {
      if (working !== id) return;
      post(id, line);
      await pause();
    }
  } finally {
    lines.destroy();
  }
}

const post = (id, said) => postMessage({ id, ...JSON.parse(said) });

// --- the start
const told = (progress) => postMessage({ progress });

/** Fetches, and tells how much of all is there. */
function counting() {
  const fetch_ = self.fetch;
  let loaded = 0;
  const count = new Intl.NumberFormat("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  return async (...asked) => {
    const response = await fetch_(...asked);
    if (!response.ok || !response.body) return response;
    const counted = response.body.pipeThrough(new TransformStream({
      transform(chunk, controller) {
        loaded += chunk.byteLength;
        told(`Starting: ${count.format(loaded / 1e6)} of ${count.format(BYTES / 1e6)} MB are here.`);
        controller.enqueue(chunk);
      },
    }));
    const { status, headers } = response;
    return new Response(counted, { status, headers });
  };
}

/** After the start nothing is fetched any more, and nothing can be: what a person writes stays in the page. */
function closeTheDoors() {
  for (const way of ["fetch", "XMLHttpRequest", "WebSocket", "EventSource", "WebTransport", "importScripts"]) {
    Object.defineProperty(self, way, { value: undefined, writable: false, configurable: false });
  }
}

async function start() {
  told("Starting: the engine is being fetched.");
  self.fetch = counting();
  const archive = fetch(new URL("engine.zip", import.meta.url)).then((response) => {
    if (!response.ok) throw new Error(`engine.zip cannot be fetched (${response.status})`);
    return response.arrayBuffer();
  });
  const python = await loadPyodide({ env: { HOME: "/home/pyodide", PYTHONHASHSEED: "0" } });
  python.FS.writeFile("/engine.zip", new Uint8Array(await archive));
  closeTheDoors();
  told("Starting: the rules are being read.");
  python.runPython("import sys; sys.path.insert(0, '/engine.zip')");
  engine = python.pyimport("followcue.doors.site.page_engine").begin("/engine.zip");
  ahead = engine.ahead();
}

start().then(work, (error) => {
  const reason = String(error?.message ?? error).trim().split("\n").at(-1);
  const failed = `The engine could not be started here: ${reason}`;
  const refuse = ({ data }) => { if (data.id !== undefined) postMessage({ id: data.id, failed }); };
  waiting.splice(0).forEach((one) => refuse({ data: one }));
  addEventListener("message", refuse);
});
