import fc from 'fast-check';
import { describe, expect } from 'vitest';
import { readGgufHeader } from '../../src/domain/models/gguf-header.js';
import { holdsFor } from './holds-for.js';

const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
};
const u64 = (value: bigint) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
  return bytes;
};
/** Small numbers mostly; else at the edges of what fits, of what is allowed, and of what a number holds. */
const count = fc.oneof(
  { weight: 5, arbitrary: fc.bigInt(0n, 6n) },
  fc.constantFrom(
    10_000n,
    10_001n,
    100_001n,
    8_000_000n,
    8_000_001n,
    2n ** 27n,
    2n ** 31n,
    2n ** 53n,
    2n ** 63n,
    2n ** 64n - 1n,
  ),
);
const text = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .string({ maxLength: 20 })
      .map((said) => Buffer.concat([u64(BigInt(Buffer.byteLength(said))), Buffer.from(said)])),
  },
  fc
    .constantFrom('general.architecture', 'general.alignment', '__proto__')
    .map((said) => Buffer.concat([u64(BigInt(said.length)), Buffer.from(said)])),
  fc
    .tuple(count, fc.uint8Array({ maxLength: 30 }))
    .map(([length, bytes]) => Buffer.concat([u64(length), bytes])),
);
const type = fc.oneof({ weight: 6, arbitrary: fc.nat(12) }, fc.nat(0xffffffff)).map(u32);
const scalar = fc.uint8Array({ maxLength: 16 }).map((bytes) => Buffer.from(bytes));
const list = fc
  .tuple(type, count, fc.array(fc.oneof(text, scalar), { maxLength: 6 }))
  .map(([of, items, values]) => Buffer.concat([of, u64(items), ...values]));
const entry = fc
  .tuple(text, fc.oneof(fc.tuple(type, fc.oneof(text, scalar)), fc.tuple(fc.constant(u32(9)), list)))
  .map(([key, [of, value]]) => Buffer.concat([key, of, value]));
const tensor = fc
  .tuple(text, fc.oneof(fc.nat(4), fc.nat(0xffffffff)), fc.array(count, { maxLength: 4 }), type, count)
  .map(([name, dimensions, sizes, of, offset]) =>
    Buffer.concat([name, u32(dimensions), ...sizes.map(u64), of, u64(offset)]),
  );
const head = fc
  .record({
    magic: fc.oneof({ weight: 9, arbitrary: fc.constant('GGUF') }, fc.constantFrom('FUGG', 'GGML', '')),
    version: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(2, 3) }, fc.nat(0xffffffff)),
    tensors: count,
    keys: count,
    body: fc.array(fc.oneof(entry, tensor), { maxLength: 8 }),
    honest: fc.boolean(),
  })
  .map(({ magic, version, tensors, keys, body, honest }) =>
    Buffer.concat([
      Buffer.from(magic),
      u32(version),
      u64(tensors),
      u64(honest ? BigInt(body.length) : keys),
      ...body,
    ]),
  );
const file = fc.tuple(
  fc.oneof({ weight: 9, arbitrary: head }, scalar),
  fc.oneof(fc.constant(0), fc.constantFrom(1, 2 ** 20, 5e6)),
);

describe('a model file from a stranger', () => {
  holdsFor('is described or refused, and no more of it is read than may be', file, async ([bytes, more]) => {
    const fileBytes = bytes.length + more;
    let asked = 0;
    const header = await readGgufHeader(fileBytes, async (wanted) => {
      asked = Math.max(asked, wanted);
      return Buffer.concat([bytes, Buffer.alloc(Math.max(0, wanted - bytes.length))]).subarray(0, wanted);
    });
    expect(asked).toBeLessThanOrEqual(Math.min(fileBytes, 128 * 2 ** 20));
    if ('damage' in header) {
      expect(header.damage).toMatch(
        /^(is not a GGUF file|has a damaged header|is cut short|is of a GGUF version that is not known \(\d+\))$/,
      );
    } else {
      expect(header.keys.size).toBeLessThanOrEqual(10_000);
      expect(header.architecture.length).toBeLessThanOrEqual(1024);
      expect(Number.isNaN(header.wholeBytes)).toBe(false);
    }
  });
});
