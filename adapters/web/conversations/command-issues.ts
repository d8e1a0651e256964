import type { CommandDefinition, CommandOption, CommandValues } from '../../../src/domain/commands.js';
import { cutText } from '../../../src/domain/cut-text.js';
import { checkValues, type Misfit, type ValueProblem } from '../../../src/pipeline/commands/check-values.js';
import type { FieldIssue } from '../http/problem.js';

/** What is wrong with the values given for a command; empty where all is right. */
export function commandIssues(definition: CommandDefinition, values: CommandValues): FieldIssue[] {
  return checkValues(definition, values).map((problem) => {
    const name = problem.type === 'misfit' ? problem.option.name : cutText(problem.name, 64);
    return { field: `values.${name}`, message: messageOf(problem, definition) };
  });
}

function messageOf(problem: ValueProblem, definition: CommandDefinition): string {
  if (problem.type === 'unknown') return `is not an option of ${definition.name}`;
  return problem.type === 'missing' ? 'is missing' : MISFITS[problem.why](problem.option);
}

const MISFITS: Readonly<Record<Misfit, (option: CommandOption) => string>> = {
  'no-text': () => 'must be text',
  'no-choice': ({ choices = [] }) => `must be one of ${choices.join(', ')}`,
  'no-yes-no': () => 'must be true or false',
  'no-number': () => 'must be a number',
  'not-whole': () => 'must be a whole number',
  'too-small': ({ min }) => `must be at least ${min}`,
  'too-large': ({ max }) => `must be at most ${max}`,
};
