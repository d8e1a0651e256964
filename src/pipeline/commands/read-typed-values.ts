import type { CommandDefinition, CommandOption, CommandValues } from '../../domain/commands.js';

export interface TypedCommand {
  /** In lower case. */
  readonly name: string;
  /** What follows the name. */
  readonly rest: string;
}

/** The first word and what follows it; null where that word can be no command's name. */
export function splitTypedCommand(text: string): TypedCommand | null {
  const match = /^([a-z][\w-]*)(?:\s+(.*))?$/is.exec(text);
  return match?.[1] === undefined ? null : { name: match[1].toLowerCase(), rest: match[2]?.trim() ?? '' };
}

/**
 * The values of `first value name=value name="several words"`. What belongs to no name is the first option's value;
 * `temperature 0.5` means `temperature=0.5`. Where the first option is what a person says, as in `ask`, options stand
 * before or after it: the text between may hold `x=5`.
 *
 * What fits no option is kept as it was typed: `checkValues` says what is wrong with it.
 */
export function readTypedValues(definition: CommandDefinition, rest: string): CommandValues {
  const { pairs, bare } = takesSpeech(definition) ? aroundSpeech(definition, rest) : anywhere(rest);
  const values = new Map<string, CommandValues[string]>();
  const [first] = definition.options;
  const [, named = '', value = ''] = /^([a-z][\w-]*)\s+(.+)$/is.exec(bare) ?? [];
  const option = takesSpeech(definition) ? undefined : optionNamed(definition, named);
  if (option) values.set(option.name, readValue(option, unquote(value)));
  else if (bare !== '') values.set(first?.name ?? bare, first ? readValue(first, unquote(bare)) : true);
  for (const { name, text } of pairs) {
    const meant = optionNamed(definition, name);
    values.set(meant?.name ?? name, meant ? readValue(meant, text) : text);
  }
  return Object.fromEntries(values);
}

interface Pair {
  readonly name: string;
  readonly text: string;
}

interface Words {
  readonly pairs: readonly Pair[];
  /** What belongs to no pair. */
  readonly bare: string;
}

/** Options read behind what a person says; more are part of it. Each is a look at the whole text. */
const MOST_TRAILING = 20;

const LEADING_PAIR = /^([a-z][\w-]*)=(?:["“]([^"“”]*)["”]|(\S*))(?:\s+|$)/i;
const TRAILING_PAIR = /\s([a-z][\w-]*)=(?:["“]([^"“”]*)["”]|(\S+))$/i;

function anywhere(text: string): Words {
  const pairs: Pair[] = [];
  const bare: string[] = [];
  let rest = text.trim();
  while (rest !== '') {
    const match = LEADING_PAIR.exec(rest) ?? /^\S+\s*/.exec(rest);
    const pair = pairOf(match);
    if (pair) pairs.push(pair);
    else bare.push((match?.[0] ?? rest).trim());
    rest = rest.slice(match?.[0].length ?? rest.length);
  }
  return { pairs, bare: bare.join(' ') };
}

function aroundSpeech(definition: CommandDefinition, text: string): Words {
  const pairs: Pair[] = [];
  let rest = text.trim();
  for (;;) {
    const match = LEADING_PAIR.exec(rest);
    const pair = pairOf(match);
    if (!match || !pair || !optionNamed(definition, pair.name)) break;
    pairs.push(pair);
    rest = rest.slice(match[0].length);
  }
  const [speech] = definition.options;
  for (let trailing = 0; trailing < MOST_TRAILING; trailing++) {
    const match = TRAILING_PAIR.exec(rest);
    const pair = pairOf(match);
    const option = pair && optionNamed(definition, pair.name);
    if (!match || !pair || !option || option === speech) break;
    pairs.push(pair);
    rest = rest.slice(0, match.index).trimEnd();
  }
  return { pairs, bare: rest };
}

function pairOf(match: RegExpExecArray | null): Pair | null {
  return match?.[1] === undefined ? null : { name: match[1], text: match[2] ?? match[3] ?? '' };
}

/** `ask` and its like, where the first option is what a person says. */
function takesSpeech({ options: [first] }: CommandDefinition): boolean {
  return first?.type === 'text' && first.required === true;
}

function optionNamed({ options }: CommandDefinition, name: string): CommandOption | undefined {
  return options.find((option) => option.name.toLowerCase() === name.toLowerCase());
}

function readValue(option: CommandOption, text: string): CommandValues[string] {
  switch (option.type) {
    case 'yes-no':
      if (/^(?:yes|y|true|on|1)$/i.test(text)) return true;
      return /^(?:no|n|false|off|0)$/i.test(text) ? false : text;
    case 'text':
      return option.choices?.find((choice) => choice.toLowerCase() === text.toLowerCase()) ?? text;
    case 'whole':
    case 'number':
      return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
  }
}

function unquote(text: string): string {
  return /^["“]([^"“”]*)["”]$/.exec(text)?.[1] ?? text;
}
