import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readGgufHeader } from '../../../../src/domain/models/gguf-header.js';
import { writeScriptedModel } from '../../../doubles/gguf/models.js';

const MIB = 2 ** 20;
const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const u64 = (value: number | bigint) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};
const string = (text: string) => Buffer.concat([u64(text.length), Buffer.from(text)]);
const UINT32 = u32(4);
const STRING = u32(8);
const LIST = u32(9);

/** The beginning of a file: how many tensors and keys it says it has, then what follows. */
const head = (tensors: number | bigint, keys: number | bigint, ...rest: Buffer[]) =>
  Buffer.concat([Buffer.from('GGUF'), u32(3), u64(tensors), u64(keys), ...rest]);

/** What is read of a file that begins with `bytes` and goes on with zeros up to `fileBytes`, and how much was asked. */
async function read(bytes: Buffer, fileBytes = bytes.length) {
  let asked = 0;
  const header = await readGgufHeader(fileBytes, async (count) => {
    asked = Math.max(asked, count);
    return Buffer.concat([bytes, Buffer.alloc(Math.max(0, count - bytes.length))]).subarray(0, count);
  });
  return { header, asked };
}

const DAMAGED = { damage: 'has a damaged header' };
const HUGE = 2n ** 63n;

describe('a hostile head is refused', () => {
  test.each([
    ['more tensors than there can be', head(HUGE, 0)],
    ['more keys than there can be', head(0, HUGE)],
    ['some keys too many', head(0, 10_001)],
    ['a key without end', head(0, 1, u64(HUGE))],
    ['a key of a megabyte', head(0, 1, u64(MIB), Buffer.alloc(MIB))],
    ['a text without end', head(0, 1, string('k'), STRING, u64(HUGE))],
    ['a list without end', head(0, 1, string('k'), LIST, STRING, u64(HUGE))],
    [
      'lists that add up',
      head(0, 2, ...[1, 2].flatMap(() => [string('k'), LIST, u32(0), u64(5e6), Buffer.alloc(5e6)])),
    ],
    ['a list of lists', head(0, 1, string('k'), LIST, LIST, u64(1), UINT32, u64(1))],
    ['a value of no type', head(0, 1, string('k'), u32(77))],
    ['a tensor of many dimensions', head(1, 0, string('t'), u32(5))],
    ['an alignment of nothing', head(0, 1, string('general.alignment'), UINT32, u32(0))],
    ['an alignment beyond the disk', head(0, 1, string('general.alignment'), UINT32, u32(0xffffffff))],
  ])('with %s', async (_what, bytes) => {
    expect((await read(bytes, 10e9)).header).toEqual(DAMAGED);
  });

  test('with a text that goes beyond any head, and no more of the file is read', async () => {
    const { header, asked } = await read(head(0, 1, string('k'), STRING, u64(128 * MIB)), 10e9);
    expect(header).toEqual(DAMAGED);
    expect(asked).toBe(128 * MIB);
  });

  test.each([
    ['a web page', Buffer.from('<!doctype html>'), 'is not a GGUF file'],
    ['nothing', Buffer.alloc(0), 'is not a GGUF file'],
    [
      'the first version',
      Buffer.concat([Buffer.from('GGUF'), u32(1)]),
      'is of a GGUF version that is not known (1)',
    ],
  ])('of %s', async (_what, bytes, damage) => {
    expect((await read(bytes)).header).toEqual({ damage });
  });
});

describe('the head of a model', () => {
  let folder: string;
  let model: Buffer;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'gguf-'));
    const file = path.join(folder, 'model.gguf');
    writeScriptedModel(file, { reply: 'Hello.' });
    model = await readFile(file);
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('says what it is and how long the whole file is', async () => {
    const { header } = await read(model);
    expect(header).toMatchObject({ architecture: 'llama' });
    const { keys, wholeBytes } = header as Exclude<typeof header, { damage: string }>;
    expect([...keys]).toContain('llama.context_length');
    // The file ends with the last tensor's padding.
    expect(model.length - wholeBytes).toBeGreaterThanOrEqual(0);
    expect(model.length - wholeBytes).toBeLessThan(32);
  });

  test('is cut short wherever it ends', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 4, max: 5_000 }), async (length) => {
        expect((await read(model.subarray(0, length))).header).toEqual({ damage: 'is cut short' });
      }),
    );
  });

  test('ends in an answer, whatever its bytes are', async () => {
    const change = fc.tuple(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 0, max: 255 }));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 20 }), async (changes) => {
        const bytes = Buffer.from(model);
        for (const [at, value] of changes) bytes[at] = value;
        const { header } = await read(bytes);
        expect('damage' in header || header.wholeBytes >= 0).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
