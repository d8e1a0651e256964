import type { CommandDefinition, CommandOption, CommandValues } from '../../src/domain/commands.js';
import type { FieldIssue } from './problem.js';

/** What is wrong with the values given for a command; empty where all is right. */
export function checkCommandValues(definition: CommandDefinition, values: CommandValues): FieldIssue[] {
  const known = new Map(definition.options.map((option) => [option.name, option]));
  const issues: FieldIssue[] = [];
  for (const [name, value] of Object.entries(values)) {
    const option = known.get(name);
    const message = option ? whatIsWrong(option, value) : `is not an option of ${definition.name}`;
    if (message !== null) issues.push({ field: `values.${name.slice(0, 64)}`, message });
  }
  for (const { name, required } of definition.options) {
    if (required && values[name] === undefined)
      issues.push({ field: `values.${name}`, message: 'is missing' });
  }
  return issues;
}

function whatIsWrong(option: CommandOption, value: string | number | boolean): string | null {
  switch (option.type) {
    case 'text':
      if (typeof value !== 'string') return 'must be text';
      if (option.choices && !option.choices.includes(value))
        return `must be one of ${option.choices.join(', ')}`;
      return null;
    case 'yes-no':
      return typeof value === 'boolean' ? null : 'must be true or false';
    case 'whole':
    case 'number': {
      if (typeof value !== 'number') return 'must be a number';
      if (option.type === 'whole' && !Number.isSafeInteger(value)) return 'must be a whole number';
      if (option.min !== undefined && value < option.min) return `must be at least ${option.min}`;
      if (option.max !== undefined && value > option.max) return `must be at most ${option.max}`;
      return null;
    }
  }
}
