import type { CommandDefinition, CommandOption, CommandValues } from '../../domain/commands.js';

/** Why a value is none for its option. */
export type Misfit =
  | 'no-text'
  | 'no-choice'
  | 'no-yes-no'
  | 'no-number'
  | 'not-whole'
  | 'too-small'
  | 'too-large';

export type ValueProblem =
  | { readonly type: 'unknown'; readonly name: string }
  | { readonly type: 'missing'; readonly name: string }
  | {
      readonly type: 'misfit';
      readonly option: CommandOption;
      readonly value: CommandValues[string];
      readonly why: Misfit;
    };

/** What is wrong with the values given for a command, in their order; empty where all is right. */
export function checkValues(definition: CommandDefinition, values: CommandValues): ValueProblem[] {
  const options = new Map(definition.options.map((option) => [option.name, option]));
  const problems: ValueProblem[] = [];
  for (const [name, value] of Object.entries(values)) {
    const option = options.get(name);
    const why = option ? misfitOf(option, value) : null;
    if (!option) problems.push({ type: 'unknown', name });
    else if (why !== null) problems.push({ type: 'misfit', option, value, why });
  }
  for (const { name, required } of definition.options) {
    if (required && values[name] === undefined) problems.push({ type: 'missing', name });
  }
  return problems;
}

function misfitOf(option: CommandOption, value: CommandValues[string]): Misfit | null {
  switch (option.type) {
    case 'text':
      if (typeof value !== 'string') return 'no-text';
      return option.choices && !option.choices.includes(value) ? 'no-choice' : null;
    case 'yes-no':
      return typeof value === 'boolean' ? null : 'no-yes-no';
    case 'whole':
    case 'number':
      if (typeof value !== 'number') return 'no-number';
      if (option.type === 'whole' && !Number.isSafeInteger(value)) return 'not-whole';
      if (option.min !== undefined && value < option.min) return 'too-small';
      return option.max !== undefined && value > option.max ? 'too-large' : null;
  }
}
