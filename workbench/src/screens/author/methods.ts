/** The methods that only an author's screens use: what they take beside the texts, and what they answer. */

import type { Branch, Day, Diagnostic, FileId, FileInfo, Place, TextEdit } from "../../api";

/** A line and a column, both from 1, counted in characters. */
export interface Spot {
  line: number;
  column: number;
}

export interface CatalogueRule {
  id: string;
  title: string;
  file: FileId;
  line: number;
  sentence: string;
  sources: (string | { title: string; url: string | null })[];
  /** How many exercise it, where that is known. */
  tests: number | null;
  pack: string | null;
}

export interface RuleAt {
  id?: string;
  title?: string;
  sentence?: string;
  file?: FileId;
  line?: number;
  end_line?: number;
  /** Null while the rules have mistakes: nobody knows then which tests these are. */
  tests?: { file: FileId; name: string; line: number }[] | null;
}

/** Whether a rule fires in the situation; beneath it what it found, or what it lacks. */
export interface Firing {
  times: number;
  sentence: string;
  outline: Branch[];
}

export interface TestLine {
  file: FileId;
  name: string;
  line: number;
  passed: boolean;
  failures: { message: string; place: Spot | null }[];
  ms: number;
}

export interface TestsDone {
  done: true;
  passed: number;
  failed: number;
}

export interface CoverageEdge {
  file: FileId | null;
  line: number | null;
  column: number | null;
  sentence: string;
  covered: boolean;
  /** Why it need not be seen, where somebody said so. */
  excused: string | boolean | null;
}

export interface RuleCoverage {
  edges: CoverageEdge[];
  covered: number;
  all: number;
}

export interface MutantLine {
  file: FileId | null;
  line: number | null;
  column: number | null;
  sentence: string;
  killed: boolean;
  /** The test that notices it. */
  by: { file: FileId; name: string; line: number | null } | null;
  /** Why it means the same as the rule, where it does: then no test can notice it. */
  same: string | null;
}

export interface MutantsDone {
  done: true;
  killed: number;
  all: number;
  same: number;
}

export interface AdviceDiff {
  changed: number;
  of: number;
  situations: { name: string; changes: string[]; blame: { rule: string | null; edit: string }[] }[];
}

export interface MadeTest {
  file: FileId;
  text: string;
  line: number;
  sentence: string;
  /** Where there is no file for it yet: what to ask `new_file` for, and then this again with that file. */
  new_file: { kind: "tests"; name: string } | null;
}

export interface Offered {
  from: Spot;
  offers: { label: string; detail: string | null; says: string | null; insert: string }[];
}

export interface Hovered {
  says: string | null;
  from?: Spot | null;
  to?: Spot | null;
}

interface At {
  file: FileId;
  line: number;
  column: number;
}

export interface WantedParams {
  action: string;
  application?: string;
  to?: string;
  as_of?: Day;
}

export interface AuthorMethods {
  complete: { params: At; answer: Offered };
  hover: { params: At; answer: Hovered };
  definition: { params: At; answer: { places: Place[] } };
  references: { params: At; answer: { places: Place[] } };
  rename: { params: At & { to: string }; answer: { edits: TextEdit[]; by_hand?: string[] } };
  file: { params: { file: FileId }; answer: FileInfo };
  rules: { params: object; answer: { rules: CatalogueRule[] } };
  rule_at: { params: { file: FileId; line: number }; answer: RuleAt };
  firing: { params: { rule: string; as_of?: Day }; answer: Firing };
  coverage: { params: { rule: string }; answer: RuleCoverage };
  diff: { params: object; answer: AdviceDiff };
  make_test: {
    params: { name: string; file?: FileId; of: "advice" | WantedParams; as_of?: Day };
    answer: MadeTest;
  };
  new_file: { params: { kind: "rules" | "tests"; name: string }; answer: FileInfo };
  check: { params: { deep?: boolean }; answer: { diagnostics: Diagnostic[] } };
}

/** Methods that answer line by line. */
export interface AuthorStreams {
  tests: { params: { rule?: string; file?: FileId }; line: TestLine | TestsDone };
  mutants: { params: { rule: string }; line: MutantLine | MutantsDone };
}
