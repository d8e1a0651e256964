import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BUILT_IN_MODELS } from '../../../../src/models/catalog/built-in-models.js';
import { chooseLargest, UNASKED_DOWNLOAD_BYTES } from '../../../../src/models/catalog/choose-largest.js';
import { knownBytes, sourceFile } from '../../../../src/models/catalog/source-file.js';
import { pipEnvironment } from '../../../../src/models/download/python-package.js';
import { statedFile } from '../../../../src/models/download/stated-file.js';

const candidate = fc.record({
  alias: fc.string(),
  bytes: fc.integer({ min: 1, max: 20e9 }),
  present: fc.boolean(),
});
const room = fc.record({
  memoryBytes: fc.integer({ min: 0, max: 40e9 }),
  diskBytes: fc.integer({ min: 0, max: 40e9 }),
});

test('auto never means a large download, nor a model that does not fit, unless nothing fits', () => {
  fc.assert(
    fc.property(fc.array(candidate, { minLength: 1 }), room, (candidates, space) => {
      const chosen = chooseLargest(candidates, space);
      const smallest = Math.min(...candidates.map(({ bytes }) => bytes));
      const allowed =
        chosen.bytes < space.memoryBytes &&
        (chosen.present || (chosen.bytes <= UNASKED_DOWNLOAD_BYTES && chosen.bytes <= space.diskBytes));
      expect(allowed || chosen.bytes === smallest).toBe(true);
      for (const other of candidates)
        if (other.present && other.bytes * 1.2 + 1.5e9 <= space.memoryBytes && allowed)
          expect(other.bytes).toBeLessThanOrEqual(chosen.bytes);
    }),
  );
});

test('every built-in source is pinned, and only the small one may come unasked', () => {
  for (const { alias, sources } of BUILT_IN_MODELS)
    for (const source of sources) {
      expect(source).toMatchObject({
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        bytes: expect.any(Number),
      });
      expect((knownBytes(source) ?? 0) <= UNASKED_DOWNLOAD_BYTES).toBe(alias === 'small');
    }
});

test('a source never writes outside the folder, whatever its file is called', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (file, repository) => {
      const source = { type: 'hugging-face', repository, file, revision: 'main' } as const;
      expect(sourceFile('/models', source)).toMatch(/^[\\/]models[\\/][\w.-]+\.gguf$/);
    }),
  );
});

const HASH = 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53';
const BASE64 = Buffer.from(HASH, 'hex').toString('base64');

test.each([
  [
    [
      { 'x-linked-etag': `"${HASH}"`, 'x-linked-size': '12' },
      { etag: '"x"', 'content-length': '5' },
    ],
    HASH,
    12,
  ],
  [[{ 'repr-digest': `sha-256=:${BASE64}:` }], HASH, null],
  [[{ digest: `SHA-256=${BASE64}` }], HASH, null],
  [[{ 'x-amz-checksum-sha256': BASE64 }], HASH, null],
  [[{ 'x-linked-etag': '"ab810cf68114990406fdf996510dd3d3c6adbdf5"' }], null, null],
  [[{ 'content-range': 'bytes 5-9/10', 'content-length': '5' }], null, 10],
  [[{ 'content-length': '7', etag: 'W/"weak"' }], null, 7],
])('reads what %j states', (headers, sha256, bytes) => {
  expect(statedFile(headers)).toMatchObject({ sha256, bytes });
});

test('a weak validator is none', () => {
  expect(statedFile([{ etag: 'W/"x"' }]).etag).toBeNull();
  expect(statedFile([{ etag: '"x"' }]).etag).toBe('"x"');
});

test('pip is shown its own settings and none of our secrets', () => {
  const env = {
    PATH: '/bin',
    PIP_INDEX_URL: 'https://u:p@index',
    DISCORD_TOKEN: 'x',
    DATABASE_URL: 'x',
    PARLEY_API_KEY: 'x',
    GROQ_KEY: 'x',
    my_password: 'x',
  };
  expect(Object.keys(pipEnvironment(env))).toEqual(['PATH', 'PIP_INDEX_URL']);
});
