import type { CommandDefinition, CommandOption, CommandValues } from '../../src/domain/commands.js';

export interface TypedCommand {
  /** Without the slash, in lower case. */
  readonly name: string;
  /** What follows the name. */
  readonly rest: string;
}

/** The command a line is, or null for a question. A line that begins with two slashes is a question with one. */
export function readCommand(line: string): TypedCommand | null {
  const match = /^\/([a-z][\w-]*)(?:\s+(.*))?$/is.exec(line.trim());
  return match?.[1] === undefined ? null : { name: match[1].toLowerCase(), rest: match[2]?.trim() ?? '' };
}

/**
 * The values of `first value name=value name="several words"`: what stands before the first known name belongs to
 * the command's first option, unless it is a name and its value. What does not fit an option is left as text: the server says what is wrong with it.
 */
export function readValues(definition: CommandDefinition, rest: string): CommandValues {
  const values: Record<string, string | number | boolean> = {};
  const names = new Map(definition.options.map((option) => [option.name, option]));
  const pairs = [...rest.matchAll(/(?<=^|\s)([a-z][\w-]*)=(?:"([^"]*)"|(\S*))/gi)];
  // Free text may hold an equals sign of its own.
  const known = pairs.filter(([, name = '']) => names.has(name.toLowerCase()));
  const bare = rest
    .slice(0, known[0]?.index ?? (pairs.length > 0 && !takesText(definition) ? pairs[0]?.index : undefined))
    .trim();
  const first = definition.options[0];
  // People write `/settings temperature 0.5`: no first option's value begins with another option's name.
  const [, named = '', value = ''] = /^([a-z][\w-]*)\s+(.+)$/is.exec(bare) ?? [];
  const option = takesText(definition) ? undefined : names.get(named.toLowerCase());
  if (option) values[option.name] = readValue(option, value);
  else if (bare !== '') values[first?.name ?? bare] = first ? readValue(first, bare) : true;
  for (const [, name = '', quoted, plain = ''] of takesText(definition) ? known : pairs) {
    const option = names.get(name.toLowerCase());
    const text = quoted ?? plain;
    values[option?.name ?? name] = option ? readValue(option, text) : text;
  }
  return values;
}

/** `ask` and its like, where the first option is what a person says. */
function takesText(definition: CommandDefinition): boolean {
  const [first] = definition.options;
  return first?.type === 'text' && first.required === true;
}

function readValue(option: CommandOption, text: string): string | number | boolean {
  if (option.type === 'yes-no') {
    if (/^(?:yes|y|true|on|1)$/i.test(text)) return true;
    if (/^(?:no|n|false|off|0)$/i.test(text)) return false;
    return text;
  }
  if (option.type === 'text' || text === '' || Number.isNaN(Number(text))) return text;
  return Number(text);
}
