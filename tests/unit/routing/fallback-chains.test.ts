import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fallbackChains } from '../../../src/routing/fallback-chains.js';

test('an alias is tried first, then each fallback with its own fallbacks, none twice', () => {
  const chains = fallbackChains([
    { alias: 'large', fallbacks: ['medium', 'small'] },
    { alias: 'medium', fallbacks: ['tiny', 'small'] },
    { alias: 'small' },
    { alias: 'tiny' },
  ]);

  expect(chains.get('large')).toEqual(['large', 'medium', 'tiny', 'small']);
  expect(chains.get('small')).toEqual(['small']);
});

test('a circle of fallbacks is an error that names it', () => {
  const entries = [
    { alias: 'a', fallbacks: ['b'] },
    { alias: 'b', fallbacks: ['c'] },
    { alias: 'c', fallbacks: ['b'] },
  ];

  expect(() => fallbackChains(entries)).toThrow('the fallbacks of models go round in a circle: b → c → b');
});

test.each([
  [[{ alias: 'a', fallbacks: ['a'] }], 'circle: a → a'],
  [[{ alias: 'a', fallbacks: ['b'] }], '"a" falls back to "b", which is no model here'],
  [[{ alias: 'a' }, { alias: 'a' }], 'the model "a" is there twice'],
])('%j is an error of the setup', (entries, message) => {
  expect(() => fallbackChains(entries)).toThrow(
    expect.objectContaining({ kind: 'setup', message: expect.stringContaining(message) }),
  );
});

test('any configuration either has a circle or chains that begin with the alias and repeat nothing', () => {
  const aliases = ['a', 'b', 'c', 'd', 'e'];
  const entries = fc.tuple(
    ...aliases.map((alias) => fc.record({ alias: fc.constant(alias), fallbacks: fc.subarray(aliases) })),
  );
  fc.assert(
    fc.property(entries, (given) => {
      let chains: ReturnType<typeof fallbackChains>;
      try {
        chains = fallbackChains(given);
      } catch (error) {
        expect(String(error)).toContain('circle');
        return;
      }
      for (const { alias, fallbacks } of given) {
        const chain = chains.get(alias) ?? [];
        expect(chain[0]).toBe(alias);
        expect(new Set(chain).size).toBe(chain.length);
        expect(chain).toEqual(expect.arrayContaining(fallbacks));
      }
    }),
  );
});
