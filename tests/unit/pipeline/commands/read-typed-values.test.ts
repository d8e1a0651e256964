import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CommandDefinition, CommandOption, CommandValues } from '../../../../src/domain/commands.js';
import { checkValues } from '../../../../src/pipeline/commands/check-values.js';
import { COMMANDS } from '../../../../src/pipeline/commands/definitions.js';
import { readTypedValues, splitTypedCommand } from '../../../../src/pipeline/commands/read-typed-values.js';

function definition(name: string): CommandDefinition {
  const found = COMMANDS.find((command) => command.name === name);
  if (!found) throw new Error(`no command ${name}`);
  return found;
}

const read = (name: string, rest: string) => readTypedValues(definition(name), rest);
const anyCommand = fc.constantFrom(...COMMANDS);
const word = fc.stringMatching(/^[a-z]{1,8}$/);
const words = fc.array(word, { minLength: 1, maxLength: 4 }).map((each) => each.join(' '));

function anyValueOf(option: CommandOption): fc.Arbitrary<CommandValues[string]> {
  const { min = -1_000, max = 1_000 } = option;
  if (option.type === 'yes-no') return fc.boolean();
  if (option.type === 'whole') return fc.integer({ min, max });
  if (option.type === 'number') return fc.double({ min, max, noNaN: true }).map((value) => value + 0);
  return option.choices ? fc.constantFrom(...option.choices) : words;
}

/** A command with values that fit it: all that it must have, and some that it may. */
const fitting = anyCommand.chain((command) => {
  const all = Object.fromEntries(command.options.map((option) => [option.name, anyValueOf(option)]));
  const requiredKeys = command.options.filter((option) => option.required).map((option) => option.name);
  return fc.record({ command: fc.constant(command), values: fc.record(all, { requiredKeys }) });
});

describe('typed values', () => {
  test('that fit are read as they were written, each by its name', () => {
    fc.assert(
      fc.property(fitting, ({ command, values }) => {
        const typed = Object.entries(values).map(([name, value]) => `${name.toUpperCase()}="${value}"`);
        const found = readTypedValues(command, typed.join(' '));
        expect(found).toEqual(values);
        expect(checkValues(command, found)).toEqual([]);
      }),
    );
  });

  test('a question keeps every word between its options, equals signs and all', () => {
    const piece = fc.oneof(word, fc.constantFrom('x=5', 'temperature=1', 'a="b', '='));
    const question = fc.array(piece, { minLength: 1 }).map((each) => each.join(' '));
    const options = fc.constantFrom('', 'model=large', 'model="large"', 'MODEL=large');
    fc.assert(
      fc.property(options, question, options, (before, text, after) => {
        const model = before === '' && after === '' ? {} : { model: 'large' };
        expect(read('ask', `${before} ${text} ${after}`)).toEqual({ question: text, ...model });
      }),
    );
  });

  test('any text is read, and nothing of it is lost without a word', () => {
    const junk = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom('a', '=', '"', '“', ' ', '-', '\n') }),
    );
    fc.assert(
      fc.property(anyCommand, junk, (command, text) => {
        const values = readTypedValues(command, text);
        for (const name of Object.keys(values)) {
          // Words with a pair between them come together.
          const words = name.split(/\s+/);
          expect(words.every((each) => text.includes(each)) || name === command.options[0]?.name).toBe(true);
        }
        if (text.trim() !== '') expect(Object.keys(values)).not.toEqual([]);
        checkValues(command, values);
      }),
      { examples: [[definition('clear'), 'a a=\n=']] },
    );
  });

  test.each<[string, string, CommandValues]>([
    ['settings', 'temperature 0.5', { temperature: 0.5 }],
    ['settings', 'medical temperature=1 ', { persona: 'medical', temperature: 1 }],
    ['settings', 'persona="my own" colour=red', { persona: 'my own', colour: 'red' }],
    ['settings', 'top_k=many reset=perhaps', { top_k: 'many', reset: 'perhaps' }],
    ['settings', 'temperature=Infinity', { temperature: 'Infinity' }],
    ['model', '"gpt oss"', { name: 'gpt oss' }],
    ['ask', 'what does model= mean', { question: 'what does model= mean' }],
    ['ask', 'what is model=', { question: 'what is model=' }],
    ['ask', '"a" or "b"', { question: '"a" or "b"' }],
    ['clear', 'everything', { everything: true }],
    ['clear', '__proto__', Object.fromEntries([['__proto__', true]])],
  ])('%s %s', (name, rest, values) => {
    expect(read(name, rest)).toStrictEqual(values);
  });
});

test('only what looks like a name is a command', () => {
  expect(splitTypedCommand('Model  large ')).toEqual({ name: 'model', rest: 'large' });
  expect(splitTypedCommand('forget-me')).toEqual({ name: 'forget-me', rest: '' });
  for (const text of ['', ' model', '/model', 'etc/hosts says?', 'help,'])
    expect(splitTypedCommand(text)).toBeNull();
});
