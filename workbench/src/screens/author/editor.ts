/** A CodeMirror editor for the files of a pack: what it shows and which keys it knows.
 *
 * It lives in a shadow root: there its styles are adopted as sheets, which the page's policy allows, while a
 * `style` element in the page's head would be refused.
 */

import { autocompletion, closeBrackets, completionKeymap, type CompletionResult } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, foldGutter, foldKeymap, HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, nextDiagnostic, previousDiagnostic, setDiagnostics, type Diagnostic as Mark } from "@codemirror/lint";
import { highlightSelectionMatches, openSearchPanel, search, searchKeymap } from "@codemirror/search";
import { EditorState, type Extension } from "@codemirror/state";
import {
  drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, hoverTooltip,
  keymap, lineNumbers, type Tooltip,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";

import type { Diagnostic as Diag } from "../../api";
import { offsetOf, type Place, placeOf, rangeOf } from "./places";

/** What an editor asks of the screen around it; places are the engine's. */
export interface EditorAsks {
  changed(text: string): void;
  moved(place: Place): void;
  complete(place: Place): Promise<Offers>;
  hover(place: Place): Promise<HoverAnswer>;
  fix(diagnostic: Diag): void;
  command(name: EditorCommand, place: Place): void;
}

export interface Offers {
  from: Place;
  offers: { label: string; detail?: string | null; says?: string | null; insert: string }[];
}

export interface HoverAnswer {
  says: string | null;
  from?: Place;
  to?: Place;
}

export type EditorCommand = "save" | "definition" | "references" | "rename";

/** How the lines of a text end; a text that mixes its ends keeps every one of them as a character. */
export function lineEnd(text: string): string {
  const pairs = text.split("\r\n").length - 1;
  return pairs > 0 && pairs === text.split("\n").length - 1 ? "\r\n" : "\n";
}

/** The state of an editor that shows `text`. */
export function editorState(text: string, label: string, readOnly: boolean, asks: EditorAsks): EditorState {
  return EditorState.create({ doc: text, extensions: extensions(lineEnd(text), label, readOnly, asks) });
}

function extensions(end: string, label: string, readOnly: boolean, asks: EditorAsks): Extension[] {
  const at = (view: EditorView): Place => placeOf(view.state.doc.toString(), view.state.selection.main.head);
  const command = (name: EditorCommand) => (view: EditorView): boolean => {
    asks.command(name, at(view));
    return true;
  };
  return [
    EditorState.lineSeparator.of(end),
    EditorState.readOnly.of(readOnly),
    EditorView.contentAttributes.of({
      "aria-label": label,
      "aria-readonly": String(readOnly),
      spellcheck: "false",
      autocapitalize: "off",
      autocorrect: "off",
    }),
    keymap.of([
      { key: "Mod-s", run: command("save"), preventDefault: true },
      { key: "F12", run: command("definition"), preventDefault: true },
      { key: "Shift-F12", run: command("references"), preventDefault: true },
      { key: "F2", run: command("rename"), preventDefault: true },
      { key: "F8", run: nextDiagnostic, preventDefault: true },
      { key: "Shift-F8", run: previousDiagnostic, preventDefault: true },
      ...completionKeymap,
      ...searchKeymap,
      ...historyKeymap,
      ...foldKeymap,
      ...(readOnly ? [] : [indentWithTab]),
      ...defaultKeymap,
    ]),
    EditorView.domEventObservers({
      keydown(event, view) {
        if (event.key === "Escape") view.setTabFocusMode(30_000); // Esc, then Tab leaves the editor
      },
    }),
    lineNumbers(),
    foldGutter({ openText: "▾", closedText: "▸" }),
    lintGutter(),
    history(),
    drawSelection(),
    highlightSpecialChars(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    highlightSelectionMatches(),
    bracketMatching(),
    closeBrackets(),
    search({ top: true }),
    yaml(),
    EditorState.tabSize.of(2),
    EditorView.lineWrapping,
    syntaxHighlighting(COLOURS),
    THEME,
    autocompletion({ override: [(context) => offered(context.state, context.pos, context.explicit, asks)], icons: false }),
    hoverTooltip((view, offset) => hovered(view, offset, asks)),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) asks.changed(textOf(update.state));
      if (update.docChanged || update.selectionSet) asks.moved(at(update.view));
    }),
  ];
}

/** The text of a state, its lines ended as they were. */
export function textOf(state: EditorState): string {
  return state.sliceDoc();
}

/** Put another text in the place of what is shown, touching only what differs. */
export function replaceText(view: EditorView, text: string): void {
  const now = view.state.doc.toString();
  const next = view.state.toText(text).toString();
  if (now === next) return;
  let from = 0;
  while (from < now.length && from < next.length && now[from] === next[from]) from++;
  let tail = 0;
  const most = Math.min(now.length, next.length) - from;
  while (tail < most && now[now.length - 1 - tail] === next[next.length - 1 - tail]) tail++;
  view.dispatch({ changes: { from, to: now.length - tail, insert: view.state.toText(next.slice(from, next.length - tail)) } });
}

/** Mark the mistakes and findings of the file that is shown. */
export function mark(view: EditorView, diagnostics: readonly Diag[], asks: EditorAsks): void {
  const text = view.state.doc.toString();
  const marks = diagnostics.map((one): Mark => {
    const { from, to } = rangeOf(text, one);
    return {
      from,
      to,
      severity: one.severity === "finding" ? "warning" : "error",
      message: [one.message, one.hint && `Hint: ${one.hint}`, one.note].filter(Boolean).join("\n"),
      source: one.code,
      actions: one.fix && !view.state.readOnly ? [{ name: one.fix.title, apply: () => asks.fix(one) }] : [],
      renderMessage: () => said(one),
    };
  });
  view.dispatch(setDiagnostics(view.state, marks.sort((one, other) => one.from - other.from)));
}

/** Show a place, with the cursor at it. */
export function reveal(view: EditorView, place: Place): void {
  const offset = offsetOf(view.state.doc.toString(), place);
  view.dispatch({ selection: { anchor: offset }, effects: EditorView.scrollIntoView(offset, { y: "center" }) });
  view.focus();
}

export { openSearchPanel };

function said(one: Diag): Node {
  const whole = document.createElement("div");
  whole.append(line("span", `${one.severity === "finding" ? "Finding" : "Mistake"} ${one.code}`, "code"), line("p", one.message));
  if (one.hint) whole.append(line("p", `Hint: ${one.hint}`));
  if (one.note) whole.append(line("p", one.note));
  return whole;
}

function line(tag: string, text: string, name = ""): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = name;
  return made;
}

async function offered(
  state: EditorState, offset: number, explicit: boolean, asks: EditorAsks,
): Promise<CompletionResult | null> {
  const text = state.doc.toString();
  if (!explicit && !/[\w$]/.test(text.slice(offset - 1, offset))) return null;
  const found = await asks.complete(placeOf(text, offset));
  if (!found.offers.length) return null;
  const from = Math.min(offsetOf(text, found.from), offset);
  return {
    from,
    options: found.offers.map((one) => ({
      label: one.label,
      apply: one.insert,
      ...(one.detail ? { detail: one.detail } : {}),
      ...(one.says ? { info: one.says } : {}),
    })),
    validFor: /^[\w$/.-]*$/,
  };
}

async function hovered(view: EditorView, offset: number, asks: EditorAsks): Promise<Tooltip | null> {
  const text = view.state.doc.toString();
  const found = await asks.hover(placeOf(text, offset));
  if (!found.says) return null;
  const says = found.says;
  return {
    pos: found.from ? offsetOf(text, found.from) : offset,
    end: found.to ? offsetOf(text, found.to) : offset,
    above: true,
    create: () => ({ dom: card(says) }),
  };
}

/** The few marks of Markdown that the cards of names use, as elements; everything else stays text. */
export function card(says: string): HTMLElement {
  const whole = line("div", "", "card");
  for (const paragraph of says.split(/\n{2,}/)) {
    const made = line("p", "");
    for (const part of paragraph.split(/(\*\*[^*]+\*\*|`[^`]+`)/)) {
      if (part.startsWith("**") && part.length > 4) made.append(line("strong", part.slice(2, -2)));
      else if (part.startsWith("`") && part.length > 2) made.append(line("code", part.slice(1, -1)));
      else made.append(part);
    }
    whole.append(made);
  }
  return whole;
}

const COLOURS = HighlightStyle.define([
  { tag: [tags.definition(tags.propertyName), tags.propertyName], color: "var(--accent)", fontWeight: "600" },
  { tag: [tags.comment, tags.lineComment], color: "var(--quiet)", fontStyle: "italic" },
  { tag: [tags.string, tags.quote], color: "var(--care)" },
  { tag: [tags.number, tags.bool, tags.null, tags.keyword], color: "var(--late)" },
  { tag: [tags.labelName, tags.typeName, tags.meta], color: "var(--quiet)" },
]);

const THEME = EditorView.theme({
  "&": { height: "100%", backgroundColor: "var(--paper)", color: "var(--ink)", fontSize: "0.8125rem" },
  "&.cm-focused": { outline: "3px solid var(--accent)", outlineOffset: "-3px" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.5", overflow: "auto" },
  ".cm-content": { caretColor: "var(--ink)", paddingBlock: "0.5rem 2rem" },
  ".cm-cursor, .cm-dropCursor": { borderLeftColor: "var(--ink)", borderLeftWidth: "2px" },
  ".cm-gutters": { backgroundColor: "var(--raised)", color: "var(--quiet)", borderRight: "1px solid var(--line)" },
  ".cm-activeLine": { backgroundColor: "var(--veil)" },
  ".cm-activeLineGutter": { backgroundColor: "var(--faint)", color: "var(--ink)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--accent-soft)",
  },
  ".cm-selectionMatch": { backgroundColor: "var(--faint)" },
  ".cm-matchingBracket": { backgroundColor: "var(--accent-soft)", outline: "1px solid var(--accent)" },
  ".cm-tooltip": {
    backgroundColor: "var(--raised)", color: "var(--ink)", border: "1px solid var(--quiet)", borderRadius: "6px",
    maxWidth: "min(32rem, 88vw)", fontFamily: "var(--sans)", fontSize: "0.8125rem",
  },
  ".cm-tooltip .card": { padding: "0.3rem 0.7rem" },
  ".cm-tooltip p": { margin: "0.25rem 0", whiteSpace: "pre-wrap", overflowWrap: "anywhere" },
  ".cm-tooltip code, .cm-tooltip .code": { fontFamily: "var(--mono)" },
  ".cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--paper)" },
  ".cm-completionDetail": { color: "inherit", fontStyle: "normal", opacity: "1" },
  ".cm-completionInfo": { padding: "0.4rem 0.7rem", whiteSpace: "pre-wrap" },
  ".cm-diagnostic": { borderLeft: "5px solid var(--late)", padding: "0.2rem 0.6rem" },
  ".cm-diagnostic-warning": { borderLeftColor: "var(--care)" },
  ".cm-diagnosticAction": {
    backgroundColor: "transparent", color: "var(--accent)", border: "1px solid currentColor", borderRadius: "6px",
    padding: "0.2rem 0.6rem", marginBlock: "0.3rem", font: "inherit",
  },
  ".cm-diagnosticSource": { display: "none" },
  ".cm-panels": { backgroundColor: "var(--raised)", color: "var(--ink)", fontFamily: "var(--sans)" },
  ".cm-panel.cm-search": { padding: "0.4rem 1.6rem 0.4rem 0.5rem" },
  ".cm-panel button, .cm-textfield": {
    backgroundColor: "var(--paper)", backgroundImage: "none", color: "var(--ink)", border: "1px solid var(--quiet)",
    borderRadius: "4px", fontSize: "0.8125rem", minHeight: "1.75rem",
  },
  ".cm-searchMatch": { backgroundColor: "var(--accent-soft)" },
  ".cm-searchMatch-selected": { outline: "2px solid var(--accent)" },
  ".cm-foldPlaceholder": { backgroundColor: "var(--faint)", color: "var(--ink)", border: "1px solid var(--line)" },
  ".cm-foldGutter span": { color: "var(--quiet)" },
});
