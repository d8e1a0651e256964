import type {
  CommandDefinition,
  CommandName,
  CommandOption,
  CommandValues,
} from '../../src/domain/commands.js';

/** What a typed command means. `text` of a problem is a sentence for the person who typed it. */
export type ParsedCommand =
  | { readonly type: 'command'; readonly name: CommandName; readonly values: CommandValues }
  | { readonly type: 'problem'; readonly text: string };

/** How people call the bot's commands. */
const PREFIX = '/parley';

/**
 * Reads `<command> [first option bare] name=value …`, where values with spaces stand in double quotes.
 * Anything that begins with no command's name is a question, and nothing at all asks for help.
 *
 * @param text - readable, what follows `/parley`
 */
export function parseCommand(text: string, definitions: readonly CommandDefinition[]): ParsedCommand {
  const trimmed = text.trim();
  if (trimmed === '') return { type: 'command', name: 'help', values: {} };
  const { word, rest } = firstWord(trimmed);
  const definition = definitions.find((each) => each.name === word.toLowerCase());
  if (definition) return parseOptions(definition, rest);
  const ask = definitions.find((each) => each.name === 'ask');
  const question = ask?.options[0];
  if (!question)
    return { type: 'problem', text: `There is no command \`${word}\`. ${listCommands(definitions)}` };
  return { type: 'command', name: 'ask', values: { [question.name]: trimmed } };
}

/** The command that `text` names when it begins with a slash, as in `@Parley /clear`; null for anything else. */
export function commandInMention(
  text: string,
  definitions: readonly CommandDefinition[],
): ParsedCommand | null {
  if (!text.startsWith('/')) return null;
  const { word } = firstWord(text.slice(1));
  const known = definitions.some((definition) => definition.name === word.toLowerCase());
  return known ? parseCommand(text.slice(1), definitions) : null;
}

function parseOptions(definition: CommandDefinition, text: string): ParsedCommand {
  const bareOption = definition.options[0];
  const values: Record<string, string | number | boolean> = {};
  let rest = text.trim();
  // A question may hold `x=5`: only what stands before it are options.
  const stopsAtText = definition.name === 'ask';
  const bare: string[] = [];
  while (rest !== '') {
    const named = namedOption(rest, definition.options);
    if (named) {
      const read = readValue(named.option, named.value);
      if (typeof read === 'object') return read;
      values[named.option.name] = read;
      rest = named.rest;
      continue;
    }
    if (stopsAtText) {
      bare.push(rest);
      break;
    }
    const unknown = /^([a-z][\w-]*)=/i.exec(rest)?.[1];
    if (unknown !== undefined) return problem(`\`${unknown}\` is no option of this command.`, definition);
    const { word, rest: after } = firstWord(rest);
    bare.push(word);
    rest = after;
  }
  if (bare.length > 0) {
    if (!bareOption) return problem('This command takes no options.', definition);
    const read = readValue(bareOption, unquote(bare.join(' ')));
    if (typeof read === 'object') return read;
    values[bareOption.name] ??= read;
  }
  const missing = definition.options.find((option) => option.required && values[option.name] === undefined);
  if (missing) return problem(`\`${missing.name}\` is missing.`, definition);
  return { type: 'command', name: definition.name, values };
}

function namedOption(
  text: string,
  options: readonly CommandOption[],
): { readonly option: CommandOption; readonly value: string; readonly rest: string } | null {
  const match = /^([a-z][\w-]*)=(?:["“]([^"”]*)["”]|(\S*))(?:\s+|$)/i.exec(text);
  const option = options.find((each) => each.name.toLowerCase() === match?.[1]?.toLowerCase());
  if (!match || !option) return null;
  return { option, value: match[2] ?? match[3] ?? '', rest: text.slice(match[0].length) };
}

/** The value an option takes, or what is wrong with it. */
function readValue(option: CommandOption, text: string): string | number | boolean | ParsedCommand {
  const wrong = (expected: string): ParsedCommand => ({
    type: 'problem',
    text: `\`${option.name}\` takes ${expected}, not “${text.slice(0, 60)}”.`,
  });
  if (option.type === 'yes-no') {
    if (/^(?:yes|y|true|on|1)$/i.test(text)) return true;
    if (/^(?:no|n|false|off|0)$/i.test(text)) return false;
    return wrong('yes or no');
  }
  if (option.type === 'text') {
    const choice = option.choices?.find((each) => each.toLowerCase() === text.toLowerCase());
    if (option.choices && choice === undefined) return wrong(`one of ${option.choices.join(', ')}`);
    return choice ?? text;
  }
  const value = text === '' ? Number.NaN : Number(text);
  const fits = Number.isFinite(value) && (option.type === 'number' || Number.isInteger(value));
  if (!fits || value < (option.min ?? -Infinity) || value > (option.max ?? Infinity)) {
    return wrong(numberRange(option));
  }
  return value;
}

function numberRange(option: CommandOption): string {
  const kind = option.type === 'whole' ? 'a whole number' : 'a number';
  if (option.min !== undefined && option.max !== undefined)
    return `${kind} from ${option.min} to ${option.max}`;
  if (option.min !== undefined) return `${kind} of at least ${option.min}`;
  return option.max === undefined ? kind : `${kind} of at most ${option.max}`;
}

function problem(text: string, definition: CommandDefinition): ParsedCommand {
  return { type: 'problem', text: `${text} ${usage(definition)}` };
}

/** `Use: /parley model [model] scope=…` */
function usage(definition: CommandDefinition): string {
  const options = definition.options.map((option, index) => {
    const shown = index === 0 ? option.name : `${option.name}=…`;
    return option.required ? shown : `[${shown}]`;
  });
  return `Use: \`${[PREFIX, definition.name, ...options].join(' ')}\``;
}

function listCommands(definitions: readonly CommandDefinition[]): string {
  return `There are: ${definitions.map((definition) => `\`${definition.name}\``).join(', ')}.`;
}

function firstWord(text: string): { readonly word: string; readonly rest: string } {
  const match = /^(\S+)\s*/.exec(text);
  return { word: match?.[1] ?? '', rest: text.slice(match?.[0].length ?? 0) };
}

function unquote(text: string): string {
  return /^["“](.*)["”]$/s.exec(text)?.[1] ?? text;
}
