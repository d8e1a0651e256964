import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { ApiError, type FieldIssue, sentenceOf } from '../api/call-api.js';

export interface Submission {
  readonly busy: boolean;
  /** What to do, where the last try failed; empty where it did not. */
  readonly problem: string;
  /** What is wrong with a field, as a sentence; empty where nothing is. */
  problemOf(field: string): string;
  /** Takes nothing while it is busy. @returns whether `action` went well */
  run(action: () => Promise<void>): Promise<boolean>;
}

/** Found by the page itself, before anything is sent. */
export class InvalidForm extends Error {
  override readonly name = 'InvalidForm';
  readonly issues: readonly FieldIssue[];

  constructor(issues: readonly FieldIssue[]) {
    super();
    this.issues = issues;
  }
}

const MARKED = 'Nothing was saved: correct what is marked.';

/**
 * Something sent to the API, with what it says to that.
 *
 * @param fields - which the form shows, named as in the API; what is wrong with any other is part of `problem`
 */
export function useSubmission(fields: readonly string[] = []): Submission {
  const busy = useSignal(false);
  const problem = useSignal('');
  const issues = useSignal<readonly FieldIssue[]>([]);
  const run = useMemo(
    () => async (action: () => Promise<void>) => {
      if (busy.value) return false;
      busy.value = true;
      try {
        await action();
        problem.value = '';
        issues.value = [];
        return true;
      } catch (error) {
        issues.value = error instanceof ApiError || error instanceof InvalidForm ? error.issues : [];
        const isMarked = issues.value.length > 0 && issues.value.every(({ field }) => fields.includes(field));
        problem.value = isMarked ? MARKED : sentenceOf(error);
        return false;
      } finally {
        busy.value = false;
      }
    },
    [busy, problem, issues, fields],
  );
  return {
    busy: busy.value,
    problem: problem.value,
    problemOf(field) {
      const issue = issues.value.find((candidate) => candidate.field === field);
      return issue ? sentence(issue.message) : '';
    },
    run,
  };
}

function sentence(message: string): string {
  return `${message.slice(0, 1).toUpperCase()}${message.slice(1)}${/[.!?]$/.test(message) ? '' : '.'}`;
}
