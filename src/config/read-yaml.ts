import {
  type Document,
  type ErrorCode,
  isCollection,
  Lexer,
  LineCounter,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml';
import type { ConfigProblem } from './config-problem.js';

/** A YAML file read; `value` is undefined where there are problems. */
export interface ReadYaml {
  readonly value: unknown;
  readonly problems: readonly ConfigProblem[];
  /** The line of what is at a path, or of the nearest thing above it; null where nothing is. */
  lineOf(path: readonly PropertyKey[]): number | null;
}

/** Longest file, in UTF-16 code units: a hundred models take some dozens of kB. */
const LONGEST_FILE = 1_000_000;
/** The deepest setting stands on level 6. */
const DEEPEST = 30;
/** Columns of the deepest: people indent by two or four. */
const WIDEST_INDENT = 200;

/** @param source - the file's text; empty where there is no file */
export function readYaml(source: string, fileName: string): ReadYaml {
  const lines = new LineCounter();
  if (source.length > LONGEST_FILE) {
    const problem = {
      where: fileName,
      wrong: 'is longer than 1 MB',
      right: 'move what is no setting elsewhere',
    };
    return { value: undefined, problems: [problem], lineOf: () => null };
  }
  if (isTooDeep(source)) {
    const problem = { where: fileName, wrong: TOO_DEEP[0], right: TOO_DEEP[1] };
    return { value: undefined, problems: [problem], lineOf: () => null };
  }
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  const lineOf = (path: readonly PropertyKey[]): number | null => {
    for (let length = path.length; length > 0; length--) {
      const node: unknown = document.getIn(path.slice(0, length), true);
      if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)) {
        return lines.linePos(Number(node.range[0])).line;
      }
    }
    return null;
  };
  const problemAt = (offset: number, [wrong, right]: Words): ConfigProblem => ({
    where: `${fileName}:${lines.linePos(offset).line}`,
    wrong,
    right,
  });
  const [first] = document.errors;
  // What follows the first one mostly follows from it.
  if (first !== undefined)
    return { value: undefined, problems: [problemAt(first.pos[0], wordsFor(first))], lineOf };
  const odd = oddity(document);
  if (odd !== null) return { value: undefined, problems: [problemAt(odd.offset, odd.words)], lineOf };
  try {
    return { value: document.toJS(), problems: [], lineOf };
  } catch {
    const problem = {
      where: fileName,
      wrong: 'repeats itself through * and & too often',
      right: 'write it out',
    };
    return { value: undefined, problems: [problem], lineOf };
  }
}

type Words = readonly [wrong: string, right: string];

const TOO_DEEP: Words = ['is nested too deeply', 'use fewer levels'];
const KEY: Words = ['has a list or a mapping for a name', 'write "name: value"'];
const ALIAS: Words = ['begins a text with * or &, which mean something in YAML', 'put it in quotes'];

/** What is wrong and what to mend, for the faults that people make. */
const FAULTS: Partial<Record<ErrorCode, Words>> = {
  TAB_AS_INDENT: ['is indented with a tab', 'use spaces'],
  DUPLICATE_KEY: ['sets again what is set above', 'keep one of the two'],
  BAD_INDENT: [
    'does not fit what is above it',
    'begin the settings of one section in the same column, and close what a [ or { opened',
  ],
  BLOCK_AS_IMPLICIT_KEY: [
    'has a second ": ", or the line below it is indented too far',
    'write one setting a line, and put a text that holds ": " in quotes',
  ],
  MULTILINE_IMPLICIT_KEY: ['has no colon, or goes on in the next line', 'write "name: value"'],
  BLOCK_IN_FLOW: ['stands within a [ or { that is not closed', 'close it above this line'],
  MISSING_CHAR: [
    'comes too early',
    'close the quote or bracket that was opened here or above, or write "name: value" with its colon',
  ],
  BAD_SCALAR_START: ['begins a text with a sign that means something in YAML', 'put the text in quotes'],
  BAD_DQ_ESCAPE: ['has a \\ in double quotes that YAML does not know', 'use single quotes'],
  BAD_ALIAS: ALIAS,
  MULTIPLE_DOCS: ['begins a second document', 'leave the line "---" out'],
  UNEXPECTED_TOKEN: ['has something that cannot stand there', 'look for a stray quote, bracket or comma'],
};

function wordsFor(error: YAMLError): Words {
  return FAULTS[error.code] ?? ['is not YAML', error.message.split('\n')[0] ?? ''];
}

/**
 * Whether it has more levels than any setting. The parser takes steps of the stack for each: with some thousands it ends
 * the process. The lexer does not.
 */
function isTooDeep(source: string): boolean {
  let brackets = 0;
  let marks = 0;
  let lineBegins = true;
  for (const token of new Lexer().lex(source)) {
    if (token === '[' || token === '{') brackets += 1;
    else if (token === ']' || token === '}') brackets = Math.max(0, brackets - 1);
    else if (token === '-' || token === '?') marks += 1;
    else if (lineBegins && /^ +$/.test(token) && token.length > WIDEST_INDENT) return true;
    lineBegins = token.endsWith('\n');
    if (lineBegins) marks = 0;
    if (brackets > DEEPEST || marks > DEEPEST) return true;
  }
  return false;
}

interface Oddity {
  readonly offset: number;
  readonly words: Words;
}

/**
 * What parses and cannot be used: a `*name` that stands for nothing, of which the library tells only when it makes
 * values, and names that are no text, which it would write out again for each level.
 */
function oddity(document: Document): Oddity | null {
  let odd: Oddity | null = null;
  const found = (range: readonly number[] | null | undefined, words: Words) => {
    odd = { offset: range?.[0] ?? 0, words };
    return visit.BREAK;
  };
  visit(document, {
    Alias: (_key, node) => (node.resolve(document) === undefined ? found(node.range, ALIAS) : undefined),
    Pair: (_key, { key }) => (isCollection(key) ? found(key.range, KEY) : undefined),
  });
  return odd;
}
