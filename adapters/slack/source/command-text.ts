import type { CommandDefinition, CommandName, CommandValues } from '../../../src/domain/commands.js';
import { cutText } from '../../../src/domain/text/cut-text.js';
import { checkValues, type ValueProblem } from '../../../src/pipeline/commands/check-values.js';
import { readTypedValues, splitTypedCommand } from '../../../src/pipeline/commands/read-typed-values.js';
import type { Sentences } from '../delivery/sentences.js';

/** What a typed command means. */
export type ParsedCommand =
  | { readonly type: 'command'; readonly name: CommandName; readonly values: CommandValues }
  | { readonly type: 'problem'; readonly definition: CommandDefinition; readonly problem: ValueProblem };

/** How people call the bot's commands. */
const PREFIX = '/parley';
/** Of a wrong value, this much is said back. */
const SHOWN_VALUE = 60;

/**
 * Reads `<command> [options]`. Anything that begins with no command's name is a question, and nothing at all asks for
 * help.
 *
 * @param text - readable, what follows `/parley`
 */
export function parseCommand(text: string, definitions: readonly CommandDefinition[]): ParsedCommand {
  const question = text.trim();
  if (question === '') return { type: 'command', name: 'help', values: {} };
  const typed = splitTypedCommand(question);
  const definition = definitions.find((each) => each.name === typed?.name);
  if (!typed || !definition) return { type: 'command', name: 'ask', values: { question } };
  const values = readTypedValues(definition, typed.rest);
  const [problem] = checkValues(definition, values);
  if (problem) return { type: 'problem', definition, problem };
  return { type: 'command', name: definition.name, values };
}

/** The command that `text` names when it begins with a slash, as in `@Parley /clear`; null for anything else. */
export function commandInMention(
  text: string,
  definitions: readonly CommandDefinition[],
): ParsedCommand | null {
  if (!text.startsWith('/')) return null;
  const name = splitTypedCommand(text.slice(1))?.name;
  const known = definitions.some((definition) => definition.name === name);
  return known ? parseCommand(text.slice(1), definitions) : null;
}

/** What is wrong with a typed command, and how it is used. */
export function explainProblem(
  { definition, problem }: Extract<ParsedCommand, { type: 'problem' }>,
  say: Sentences,
): string {
  if (problem.type === 'misfit')
    return say.misfit(problem.option, cutText(String(problem.value), SHOWN_VALUE));
  const usage = say.usage(usageOf(definition));
  if (problem.type === 'missing') return `${say.missing(problem.name)} ${usage}`;
  const { length } = definition.options;
  return `${length === 0 ? say.noOptions : say.unknownOption(cutText(problem.name, SHOWN_VALUE))} ${usage}`;
}

/** `/parley model [name] scope=…` */
function usageOf(definition: CommandDefinition): string {
  const options = definition.options.map((option, index) => {
    const shown = index === 0 ? option.name : `${option.name}=…`;
    return option.required ? shown : `[${shown}]`;
  });
  return [PREFIX, definition.name, ...options].join(' ');
}
