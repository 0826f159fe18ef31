/** CodeMirror as the page uses it. Its code is fetched only where a text is edited. */
import { autocompletion, completionKeymap, closeBrackets, closeBracketsKeymap, type CompletionContext } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentLess, indentMore } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { HighlightStyle, bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics, type Diagnostic as Mark } from "@codemirror/lint";
import { MergeView, unifiedMergeView } from "@codemirror/merge";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState, Text, type Extension } from "@codemirror/state";
import { EditorView, drawSelection, highlightActiveLine, hoverTooltip, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import type { Diagnostic, TextEdit } from "../../api";
import { offsetOf, placeOf, stretchOf } from "./places";

const LOOK = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--paper)", fontSize: "0.875rem", height: "100%" },
  "&.cm-focused": { outline: "3px solid var(--accent)", outlineOffset: "-3px" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55", overflow: "auto" },
  ".cm-content": { caretColor: "var(--ink)" },
  ".cm-cursor, .cm-dropCursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "var(--raised)", color: "var(--quiet)", borderRight: "1px solid var(--line)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--accent-soft) 28%, transparent)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--accent-soft)" },
  ".cm-tooltip": { backgroundColor: "var(--raised)", color: "var(--ink)", border: "1px solid var(--line)", borderRadius: "6px", maxWidth: "min(32rem, 90vw)" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--paper)" },
  ".cm-says": { padding: "0.2rem 0.7rem", whiteSpace: "pre-wrap", fontFamily: "var(--sans)" },
  ".cm-says p": { margin: "0.25rem 0" },
  ".cm-says code": { fontFamily: "var(--mono)" },
  ".cm-panels": { backgroundColor: "var(--raised)", color: "var(--ink)" },
  ".cm-panels button, .cm-panels input": { font: "inherit", color: "inherit", backgroundColor: "var(--paper)", backgroundImage: "none" },
  ".cm-diagnostic": { fontFamily: "var(--sans)", whiteSpace: "pre-wrap", padding: "0.4rem 0.7rem" },
  ".cm-diagnosticAction": { color: "var(--accent)", backgroundColor: "transparent", border: "1px solid currentColor", borderRadius: "4px", font: "inherit", padding: "0.2rem 0.6rem" },
  ".cm-lintRange-error": { backgroundImage: "none", textDecoration: "underline wavy var(--late) 1.5px", textUnderlineOffset: "0.2em" },
  ".cm-lintRange-warning": { backgroundImage: "none", textDecoration: "underline dotted var(--care) 2px", textUnderlineOffset: "0.2em" },
  ".cm-foldPlaceholder": { backgroundColor: "var(--faint)", color: "var(--quiet)", border: "none" },
  ".cm-changedLine": { backgroundColor: "color-mix(in srgb, var(--accent-soft) 45%, transparent) !important" },
  ".cm-changedText": { background: "var(--accent-soft) !important", color: "var(--ink) !important" },
  ".cm-chunkButtons": { position: "static !important", display: "flex", flexWrap: "wrap", gap: "0.5rem", padding: "0.25rem 0" },
  ".cm-chunkButtons button": { backgroundColor: "var(--paper)", color: "var(--accent)", border: "1px solid currentColor", borderRadius: "6px", font: "var(--text-small) var(--sans)", padding: "0.35rem 0.7rem", cursor: "pointer" },
  ".cm-merge-revert button": { color: "var(--accent)", font: "inherit", fontSize: "1.2rem" },
  ".cm-deletedChunk .cm-deletedText": { background: "none !important", color: "var(--ink)" },
  ".cm-deletedChunk": { backgroundColor: "var(--raised) !important" },
  "&.cm-merge-a .cm-changedLineGutter, &.cm-merge-b .cm-changedLineGutter, .cm-inlineChangedLineGutter": { background: "var(--accent) !important" },
  ".cm-deletedLineGutter": { background: "var(--care) !important" },
  ".cm-collapsedLines:before, .cm-collapsedLines:after": { content: "'⋯' !important" },
  ".cm-collapsedLines": { background: "var(--raised) !important", color: "var(--quiet) !important", fontFamily: "var(--sans)" },
});

const COLOURS = syntaxHighlighting(HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--accent)" },
  { tag: [tags.comment, tags.lineComment], color: "var(--quiet)", fontStyle: "italic" },
  { tag: [tags.keyword, tags.labelName, tags.typeName, tags.meta], color: "var(--care)" },
  { tag: tags.punctuation, color: "var(--quiet)" },
]));

/** What an editor asks while a text is written; each may answer with nothing. */
export interface Help {
  complete(line: number, column: number, signal: AbortSignal): Promise<Completions | null>;
  /** What is said of the name there, as Markdown. */
  hover(line: number, column: number, signal: AbortSignal): Promise<string | null>;
  fix(edits: TextEdit[]): void;
}

export interface Completions {
  from: { line: number; column: number };
  offers: { label: string; detail?: string | null; says?: string | null; insert?: string | null }[];
}

export interface Options {
  parent: HTMLElement;
  label: string;
  text: string;
  readOnly: boolean;
  help: Help | null;
  /** Further parts of CodeMirror that a screen wants. */
  more?: Extension;
  onText(text: string): void;
  onPlace(line: number, column: number): void;
  onSave(): void;
}

/** An editor as a screen holds it. */
export interface Pane {
  view: EditorView;
  /** Shows a text that did not come from typing. */
  show(text: string): void;
  mark(diagnostics: readonly Diagnostic[]): void;
  /** Brings a line into sight, with the cursor on it. */
  reveal(line: number, column?: number): void;
  destroy(): void;
}

/** The root in which CodeMirror may set its styles under a policy that allows no inline style. */
function shadowOf(parent: HTMLElement): ShadowRoot {
  const shadow = parent.shadowRoot ?? parent.attachShadow({ mode: "open" });
  shadow.replaceChildren();
  return shadow;
}

/** How the lines of a text end; one that mixes its ends keeps each of them as a character. */
function lineEnd(text: string): string {
  const pairs = text.split("\r\n").length - 1;
  return pairs > 0 && pairs === text.split("\n").length - 1 ? "\r\n" : "\n";
}

function extensions(options: Omit<Options, "parent">): Extension {
  const { help } = options;
  return [
    EditorState.lineSeparator.of(lineEnd(options.text)),
    lineNumbers(), foldGutter(), history(), drawSelection(), indentOnInput(), bracketMatching(), closeBrackets(),
    highlightActiveLine(), highlightSelectionMatches(), yaml(), indentUnit.of("  "), LOOK, COLOURS, lintGutter(),
    EditorView.lineWrapping,
    EditorState.readOnly.of(options.readOnly),
    EditorView.contentAttributes.of({ "aria-label": options.label, tabindex: "0", spellcheck: "false", autocorrect: "off", autocapitalize: "off" }),
    help ? [autocompletion({ override: [(context) => completions(context, help)] }), hover(help)] : [],
    options.more ?? [],
    // Tab moves on, as everywhere on the page; Ctrl+] and Ctrl+[ indent.
    keymap.of([
      { key: "Mod-s", preventDefault: true, run: () => (options.onSave(), true) },
      { key: "Mod-]", run: indentMore }, { key: "Mod-[", run: indentLess },
      ...closeBracketsKeymap, ...completionKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...lintKeymap, ...defaultKeymap,
    ]),
    EditorView.updateListener.of((update) => {
      if (update.docChanged && !update.transactions.some((one) => one.isUserEvent("shown"))) options.onText(update.state.sliceDoc());
      if (update.selectionSet || update.docChanged) {
        const { line, column } = placeOf(update.state.doc.toString(), update.state.selection.main.head);
        options.onPlace(line, column);
      }
    }),
  ];
}

export function openPane(options: Options): Pane {
  const root = shadowOf(options.parent);
  const view = new EditorView({ doc: options.text, extensions: extensions(options), parent: root, root });
  return {
    view,
    show(text) {
      const old = view.state.doc.toString();
      const next = view.state.toText(text).toString();
      if (old === next) return;
      const { from, to, insert } = difference(old, next);
      view.dispatch({ changes: { from, to, insert: Text.of(insert.split("\n")) }, userEvent: "shown" });
    },
    mark(diagnostics) {
      view.dispatch(setDiagnostics(view.state, diagnostics.map((one) => marked(view.state.doc.toString(), one, options.help))));
    },
    reveal(line, column = 1) {
      const at = offsetOf(view.state.doc.toString(), line, column);
      view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
    },
    destroy: () => view.destroy(),
  };
}

/** The one stretch in which two texts differ, so that the cursor stays where it was. */
function difference(old: string, next: string) {
  let from = 0;
  while (from < old.length && from < next.length && old[from] === next[from]) from++;
  let end = 0;
  while (end < old.length - from && end < next.length - from && old.at(-1 - end) === next.at(-1 - end)) end++;
  return { from, to: old.length - end, insert: next.slice(from, next.length - end) };
}

function marked(text: string, one: Diagnostic, help: Help | null): Mark {
  const fix = one.fix;
  return {
    ...stretchOf(text, { line: one.line ?? 1, column: one.column ?? 1, end_line: one.end_line ?? one.line ?? 1, end_column: one.end_column ?? one.column ?? 1 }),
    severity: one.severity === "mistake" ? "error" : "warning",
    source: one.code,
    message: [one.message, one.hint, one.note].filter(Boolean).join("\n"),
    ...(fix && help ? { actions: [{ name: fix.title, apply: () => help.fix(fix.edits) }] } : {}),
  };
}

async function completions(context: CompletionContext, help: Help) {
  const word = context.matchBefore(/[\w-]+/);
  if (!word && !context.explicit && !/[:[{, -]$/.test(context.state.sliceDoc(context.pos - 1, context.pos))) return null;
  const given = new AbortController();
  context.addEventListener("abort", () => given.abort());
  const text = context.state.doc.toString();
  const { line, column } = placeOf(text, context.pos);
  const found = await help.complete(line, column, given.signal).catch(() => null);
  if (!found?.offers.length) return null;
  return {
    from: Math.min(offsetOf(text, found.from.line, found.from.column), context.pos),
    options: found.offers.map((one) => ({
      label: one.label,
      apply: one.insert ?? one.label,
      ...(one.detail ? { detail: one.detail } : {}),
      ...(one.says ? { info: one.says } : {}),
    })),
    validFor: /^[\w-]*$/,
  };
}

function hover(help: Help): Extension {
  return hoverTooltip(async (view, at) => {
    const { line, column } = placeOf(view.state.doc.toString(), at);
    const says = await help.hover(line, column, new AbortController().signal).catch(() => null);
    if (!says) return null;
    return {
      pos: at,
      above: true,
      create() {
        const dom = document.createElement("div");
        dom.className = "cm-says";
        dom.append(...paragraphs(says));
        return { dom };
      },
    };
  });
}

/** Markdown with the few signs that the cards of names have; everything else stays text. */
export function paragraphs(says: string): HTMLElement[] {
  return says.split(/\n{2,}/).map((words) => {
    const made = document.createElement("p");
    for (const part of words.split(/(\*\*[^*]+\*\*|`[^`]+`)/)) {
      const sign = /^(\*\*|`)(.+)\1$/s.exec(part);
      const inner = sign && document.createElement(sign[1] === "`" ? "code" : "strong");
      if (inner) inner.textContent = sign[2]!;
      made.append(inner ?? part);
    }
    return made;
  });
}

/** Two versions of a text: the one on disk, and the one to be kept, which can be edited and takes pieces of the other. */
export interface MergePane {
  text(): string;
  destroy(): void;
}

/** The two ways of one difference, where both versions stand in one text. */
function chosen(type: "reject" | "accept", action: (event: MouseEvent) => void): HTMLElement {
  const words = type === "accept" ? "Keep mine" : "As on disk";
  return button(words, words, action);
}

/** Takes over what the disk has, where the versions stand side by side. */
function takenOver(): HTMLElement {
  const made = button("→", "Take over what the disk has here");
  // The view listens for the mouse alone; a click without one is a key.
  made.onclick = ({ detail }) => { if (!detail) made.dispatchEvent(new MouseEvent("mousedown", { bubbles: true })); };
  return made;
}

function button(text: string, label: string, action?: (event: MouseEvent) => void): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.title = label;
  made.setAttribute("aria-label", label);
  if (action) made.onclick = action;
  return made;
}

export function openMerge(parent: HTMLElement, theirs: string, mine: string, isNarrow: boolean): MergePane {
  const root = shadowOf(parent);
  const named = (label: string) => EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" });
  const common = [lineNumbers(), yaml(), LOOK, COLOURS, EditorView.lineWrapping, keymap.of([...historyKeymap, ...defaultKeymap]), history()];
  const collapseUnchanged = { margin: 3, minSize: 6 };
  if (isNarrow) {
    const view = new EditorView({
      doc: mine, root, parent: root,
      extensions: [common, named("Your version, with what differs on disk"), unifiedMergeView({ original: theirs, collapseUnchanged, mergeControls: chosen })],
    });
    return { text: () => view.state.doc.toString(), destroy: () => view.destroy() };
  }
  const view = new MergeView({
    a: { doc: theirs, extensions: [common, EditorState.readOnly.of(true), named("On disk")] },
    b: { doc: mine, extensions: [common, named("Yours, as it will be saved")] },
    root, parent: root, revertControls: "a-to-b", renderRevertControl: takenOver, gutter: true, collapseUnchanged,
  });
  return { text: () => view.b.state.doc.toString(), destroy: () => view.destroy() };
}
