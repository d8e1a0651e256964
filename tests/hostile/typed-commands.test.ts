import fc from 'fast-check';
import { describe, expect } from 'vitest';
import { readCustomId } from '../../adapters/discord/delivery/controls.js';
import { readAboutModal } from '../../adapters/discord/source/about-message.js';
import { mentionedUsers, mentions, readableText } from '../../adapters/slack/client/readable-text.js';
import { sentencesIn } from '../../adapters/slack/delivery/sentences.js';
import { commandInMention, explainProblem, parseCommand } from '../../adapters/slack/source/command-text.js';
import { COMMANDS } from '../../src/pipeline/commands/definitions.js';
import { readTypedValues, splitTypedCommand } from '../../src/pipeline/commands/read-typed-values.js';
import { holdsFor } from './holds-for.js';
import { hostileText, spark } from './inputs.js';

const options = COMMANDS.flatMap((command) => command.options.map(({ name }) => name));
const value = fc.oneof(
  spark,
  fc.constantFrom('1', '-1', '1e400', 'NaN', 'yes', 'auto', '0x10', '""', '"a b"', '“', '“x”', '"', '='),
);
const pair = fc
  .tuple(fc.constantFrom(...options, 'constructor', '__proto__', 'no-option'), value)
  .map(([name, given]) => `${name}=${given}`);
const typed = fc
  .tuple(
    fc.constantFrom(...COMMANDS.map(({ name }) => name as string), 'ASK', 'constructor', '__proto__', ''),
    fc.array(fc.oneof(pair, value), { maxLength: 30 }),
    fc.constantFrom(' ', '  ', '\n', '\t', '\u00a0'),
    fc.constantFrom(1, 1, 1, 500),
  )
  .map(([name, words, space, times]) =>
    `${name}${space}${`${words.join(space)}${space}`.repeat(times)}`.slice(0, 40_000),
  );
const text = fc.oneof(typed, hostileText());

describe('a typed command', () => {
  holdsFor('is a command, a question, or explained in a short sentence', text, (given) => {
    const parsed = parseCommand(given, COMMANDS);
    if (parsed.type === 'problem') {
      for (const language of ['en', 'zh'] as const) {
        const said = explainProblem(parsed, sentencesIn(language));
        expect(said.length).toBeLessThan(600);
        if (given.isWellFormed()) expect(said.isWellFormed()).toBe(true);
      }
    } else {
      expect(COMMANDS.map(({ name }) => name)).toContain(parsed.name);
      const known = COMMANDS.find(({ name }) => name === parsed.name)?.options.map(({ name }) => name);
      for (const name of Object.keys(parsed.values)) expect(known).toContain(name);
    }
    commandInMention(`/${given}`, COMMANDS);
  });

  holdsFor('gives values of its own alone, whatever they are called', text, (given) => {
    const name = splitTypedCommand(given)?.name;
    for (const definition of COMMANDS) {
      if (definition.name !== name) continue;
      const values = readTypedValues(definition, splitTypedCommand(given)?.rest ?? '');
      expect(Object.getPrototypeOf(values)).toBe(Object.prototype);
    }
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  const names = { user: (id: string) => id };
  const markup = fc.tuple(fc.constantFrom('<@U1|', '<@U', '<!', '<#C1|', '<https:', '&lt;', ''), text);
  holdsFor('is read in markup that never ends', markup, ([piece, given]) => {
    const whole = (piece + given).repeat(20).slice(0, 40_000) + piece.repeat(4_000);
    readableText(whole, 'U1', names);
    mentionedUsers(whole);
    mentions(whole, 'U1');
  });
});

describe('the id of a button or form', () => {
  const id = fc.oneof(
    hostileText(4),
    fc
      .tuple(fc.constantFrom('parley:', 'parley:about:', 'parley:stop:', 'p:stop:'), hostileText(4))
      .map((all) => all.join('')),
    fc
      .tuple(fc.nat(), fc.nat(), hostileText(3))
      .map(([author, message, name]) => `parley:about:${author}:${message}:${name}`),
  );
  holdsFor('is one of ours, or none', id, (given) => {
    const control = readCustomId(given);
    if (control) expect(Number.isSafeInteger(control.turnId) && control.turnId > 0).toBe(true);
    const about = readAboutModal(given, new Map([['question', given]]), 'en');
    if (about) expect(about.quoted.messageIds).toHaveLength(1);
  });
});
