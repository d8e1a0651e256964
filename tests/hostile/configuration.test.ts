import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect } from 'vitest';
import { parse, stringify } from 'yaml';
import { loadConfig } from '../../src/config/load-config.js';
import { maskSecrets } from '../../src/config/mask-secrets.js';
import { readConfigFile } from '../../src/config/read-config-file.js';
import { ExpectedFailure } from '../../src/domain/failure.js';
import { holdsFor } from './holds-for.js';
import { damaged, hostileText, type Json } from './inputs.js';

const WHOLE = parse(`
model: small
models:
  coder:
    sources: [{ url: https://x.example/coder.gguf, sha256: ${'a'.repeat(64)} }]
    contextSize: 4096
    fallback: [hosted]
  hosted: { endpoint: openai, name: gpt, apiKeyVariable: MY_KEY, contextSize: 8192, limits: { retries: 1 } }
engine: { gpu: auto, threads: 2, slots: 4, unloadAfterMinutes: 10 }
downloads: { allowed: false }
sampling: { temperature: 0.5, top_k: 40, stop: [END] }
personas: { default: assistant, extra: { pirate: { en: Arr., zh: 啊 } } }
language: auto
memory: channel
followThreads: true
limits: { turnsPerMinute: 10, tokensPerDay: 1000, messageLength: 8000 }
`) as Json;

const CHUNKS = [
  ': ',
  '- ',
  '\n',
  '\n  ',
  '\t',
  '[',
  ']',
  '{',
  '}',
  '&a ',
  '*a ',
  '<<: *a',
  '? ',
  '| ',
  '> ',
  '---',
  '...',
  '%TAG',
  '!!js/function ',
  '!!binary ',
  '"',
  "'",
  '#',
  ',',
  'models',
  'limits',
  '__proto__',
  '1e999',
  '.nan',
  '0x10',
  '2001-01-01',
  'null',
  '~',
];
const noise = fc
  .array(fc.oneof(fc.constantFrom(...CHUNKS), hostileText(2)), { maxLength: 60 })
  .map((list) => list.join(''));
const deep = fc
  .tuple(fc.constantFrom('[', '{a: ', '- ', 'a:\n', '? '), fc.nat(5_000))
  .map(([piece, times]) => piece.repeat(times));
const bomb = fc
  .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }))
  .map(([levels, width]) =>
    [
      'a0: &a0 x',
      ...Array.from(
        { length: levels },
        (_, i) => `a${i + 1}: &a${i + 1} [${Array(width).fill(`*a${i}`).join(', ')}]`,
      ),
    ].join('\n'),
  );
const file = fc.oneof(
  { weight: 5, arbitrary: damaged(fc.constant(WHOLE)).map((value) => stringify(value)) },
  { weight: 3, arbitrary: noise },
  bomb,
  { weight: 1, arbitrary: deep },
);

describe('a configuration file', () => {
  holdsFor('is taken, or each problem is one sentence of where and what', file, (source) => {
    const { values, problems } = readConfigFile(source, 'parley.config.yaml');
    expect(values === null).toBe(problems.length > 0);
    for (const { where, wrong, right } of problems) {
      expect(where).toMatch(/^parley\.config\.yaml/);
      expect(wrong + right).not.toMatch(/undefined|\[object|stack/);
    }
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });
});

const MARK = 'MARKED-SECRET';
const SECRETS = {
  DISCORD_TOKEN: MARK,
  SLACK_BOT_TOKEN: `xoxb-${MARK}`,
  SLACK_APP_TOKEN: `xapp-${MARK}`,
  SLACK_SIGNING_SECRET: MARK,
  HF_TOKEN: `hf_${MARK}`,
  OPENAI_API_KEY: `sk-${MARK}`,
  MY_KEY: MARK,
  DATABASE_URL: `postgresql://parley:${MARK}@db.example:5432/parley`,
  REDIS_URL: `redis://:${MARK}@redis.example:6379`,
  PARLEY_API_KEY: MARK,
  LOGGING_URL: `https://parley:${MARK}@logs.example/${MARK}`,
  LOGGING_SECRET: MARK,
};
const environment = fc
  .dictionary(
    fc.constantFrom(...Object.keys(SECRETS), 'PARLEY_PORT', 'LOG_LEVEL', 'PARLEY_HOST', 'PARLEY_MODEL'),
    fc.oneof(
      hostileText(3),
      fc.constantFrom('', ' ', 'x', '99999999', '-1', 'http://', 'file:///etc/passwd'),
    ),
    { maxKeys: 3 },
  )
  .map((changes) => Object.entries(changes).map(([name, value]): [string, string] => [name, value]));
const folder = mkdtempSync(path.join(tmpdir(), 'hostile-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the whole configuration', () => {
  const around = fc.tuple(environment, file, fc.boolean());
  holdsFor(
    'is taken, or refused as a failure of setup, and tells no secret either way',
    around,
    async ([changes, source, behind]) => {
      // What is wrong with a secret is told without it: the mark stays in what was broken.
      const broken = changes.map(([name, value]): [string, string] => {
        const secret = Reflect.get(SECRETS, name);
        return [name, typeof secret === 'string' ? (behind ? `${secret} ${value}` : value + secret) : value];
      });
      writeFileSync(path.join(folder, 'parley.config.yaml'), source);
      try {
        const config = await loadConfig({ env: { ...SECRETS, ...Object.fromEntries(broken) }, cwd: folder });
        expect(JSON.stringify(maskSecrets(config))).not.toContain(MARK);
      } catch (error) {
        if (!(error instanceof ExpectedFailure)) throw error;
        expect(error.kind).toBe('setup');
        expect(error.message).not.toContain(MARK);
      }
    },
  );
});
