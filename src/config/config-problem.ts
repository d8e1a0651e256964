import type { z } from 'zod';
import { SECRET_VARIABLES } from './environment.js';
import { nearestName } from './nearest-name.js';

/** One thing an operator must change before Parley starts. */
export interface ConfigProblem {
  /** The variable, or the file with line and path: `parley.config.yaml:12 limits.turnsPerMinute`. */
  readonly where: string;
  /** What is wrong, without any secret: `is "10x"`. */
  readonly wrong: string;
  /** What is right, worded to follow "should be"; or a whole sentence where that does not fit. */
  readonly right: string;
}

/** All problems, one a line */
export function describeProblems(problems: readonly ConfigProblem[]): string {
  const lines = problems.map(({ where, wrong, right }) => `  ${where} ${wrong}: ${right}`);
  return [`The configuration cannot be used (${count(problems.length)}):`, ...lines].join('\n');
}

/** What is wrong with one environment variable. */
export function variableProblem(variable: string, value: string, shouldBe: string): ConfigProblem {
  const kubernetes =
    variable === 'PARLEY_PORT' && value.startsWith('tcp://')
      ? ' (Kubernetes sets this for a service named parley: rename the service or set enableServiceLinks: false)'
      : '';
  return {
    where: variable,
    wrong: `is ${shown(variable, value)}`,
    right: `should be ${shouldBe}${kubernetes}`,
  };
}

function shown(variable: string, value: string): string {
  if (SECRET_VARIABLES.has(variable)) return `a value of ${value.length} characters that is not shown`;
  return quoted(value);
}

/** What is told of a file that has more wrong than anybody reads. */
const MOST_PROBLEMS = 50;

/**
 * Problems of a parsed file, not all of them where there are very many.
 *
 * @param place - the file, and the line where known, of a path into it
 * @param keysAt - the keys that a mapping at a path takes
 */
export function fileProblems(
  issues: readonly z.core.$ZodIssue[],
  input: unknown,
  place: (path: readonly PropertyKey[]) => string,
  keysAt: (path: readonly PropertyKey[]) => readonly string[],
): ConfigProblem[] {
  return issues.slice(0, MOST_PROBLEMS).flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys
        .slice(0, MOST_PROBLEMS)
        .map((key) => unknownKey(key, place([...issue.path, key]), keysAt(issue.path)));
    }
    const shouldBe = issue.code === 'invalid_key' ? issue.issues[0]?.message : issue.message;
    const value = issue.code === 'invalid_key' ? issue.path.at(-1) : valueAt(input, issue.path);
    return [
      {
        where: place(issue.path),
        wrong: value === undefined ? 'is missing' : `is ${quoted(value)}`,
        right: `should be ${shouldBe ?? 'something else'}`,
      },
    ];
  });
}

function unknownKey(key: string, where: string, known: readonly string[]): ConfigProblem {
  const near = nearestName(key, known);
  const right = near === null ? `should be one of ${known.join(', ')}` : `did you mean ${near}?`;
  return { where, wrong: 'is not a setting', right };
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

/** Short and on one line, whatever was written. */
function quoted(value: unknown): string {
  const json = JSON.stringify(value) ?? String(value);
  return json.length > 60 ? `${json.slice(0, 57)}…` : json;
}

function count(problems: number): string {
  return problems === 1 ? '1 problem' : `${problems} problems`;
}
