/*
 * The head of a model file, in the format of llama.cpp (GGUF, versions 2 and 3, little-endian). Model files come from
 * strangers: every count and length is held against a bound before it is believed.
 */

export interface GgufHeader {
  /** Kind of model: `llama`, `qwen3`, …; empty where it is not said. */
  readonly architecture: string;
  readonly keys: ReadonlySet<string>;
  /** Length that a whole file has at least. */
  readonly wholeBytes: number;
}

/** In words that follow the file's name. */
export interface GgufDamage {
  readonly damage: string;
}

/** The largest vocabularies make heads of about 20 MB. */
const HEAD_LIMIT = 128 * 2 ** 20;
const FIRST_READ = 2 ** 20;
/** Models have some dozens of keys, and some hundreds of tensors. */
const MOST_KEYS = 10_000;
const MOST_TENSORS = 100_000;
/** Tokens, their scores and merges together: the largest vocabularies have a million. */
const MOST_ITEMS = 8_000_000;
/** As in ggml.h. */
const MOST_DIMENSIONS = 4;
const DEFAULT_ALIGNMENT = 32;

const MOST_ALIGNMENT = 2 ** 20;
/** Bytes of a key or an architecture; ggml.h allows 64 for names of tensors. */
const LONGEST_NAME = 1024;

const UINT32 = 4;
const STRING = 8;
const LIST = 9;

/** Bytes of one value of each type of a fixed length, by its number in the file. */
const VALUE_BYTES: Readonly<Record<number, number>> = {
  0: 1,
  1: 1,
  2: 2,
  3: 2,
  4: 4,
  5: 4,
  6: 4,
  7: 1,
  10: 8,
  11: 8,
  12: 8,
};

/** Elements and bytes of one block of each tensor type, by its number in the file (ggml.h). */
const BLOCKS: Readonly<Record<number, readonly [elements: number, bytes: number]>> = {
  0: [1, 4],
  1: [1, 2],
  2: [32, 18],
  3: [32, 20],
  6: [32, 22],
  7: [32, 24],
  8: [32, 34],
  10: [256, 84],
  11: [256, 110],
  12: [256, 144],
  13: [256, 176],
  14: [256, 210],
  15: [256, 292],
  20: [32, 18],
  23: [256, 136],
  30: [1, 2],
  39: [32, 17],
};

/**
 * Reads the head of a file, no more of it than is needed and at most 128 MiB.
 *
 * @param fileBytes - length of the file
 * @param first - gives the file's first bytes, as many as asked for or all there are
 */
export async function readGgufHeader(
  fileBytes: number,
  first: (count: number) => Promise<Buffer>,
): Promise<GgufHeader | GgufDamage> {
  if (fileBytes < MAGIC.length) return { damage: FOREIGN };
  for (let count = FIRST_READ; ; count *= 4) {
    const bytes = await first(Math.min(count, fileBytes, HEAD_LIMIT));
    try {
      return parse(new Cursor(bytes));
    } catch (error) {
      if (error instanceof Damage) return { damage: error.message };
      if (!(error instanceof EndOfBytes)) throw error;
      if (count >= fileBytes) return { damage: 'is cut short' };
      if (count >= HEAD_LIMIT) return { damage: DAMAGED };
    }
  }
}

const MAGIC = 'GGUF';
const FOREIGN = 'is not a GGUF file';
const DAMAGED = 'has a damaged header';

class Damage extends Error {}

/** More of the file is needed. */
class EndOfBytes extends Error {}

/** Takes one value after the other. */
class Cursor {
  readonly #bytes: Buffer;
  #items = 0;
  offset = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** @returns where what was skipped begins */
  skip(count: number): number {
    const start = this.offset;
    if (count > this.#bytes.length - start) throw new EndOfBytes();
    this.offset += count;
    return start;
  }

  u32(): number {
    return this.#bytes.readUInt32LE(this.skip(4));
  }

  /** @throws {Damage} above `most` */
  u64(most: number = Number.MAX_SAFE_INTEGER): number {
    const value = Number(this.#bytes.readBigUInt64LE(this.skip(8)));
    if (value > most) throw new Damage(DAMAGED);
    return value;
  }

  text(bytes: number): string {
    const start = this.skip(bytes);
    return this.#bytes.toString('utf8', start, start + bytes);
  }

  /** @throws {Damage} where it is longer than `longest` bytes */
  string(longest: number): string {
    return this.text(this.u64(longest));
  }

  skipString(): void {
    this.skip(this.u64(HEAD_LIMIT));
  }

  /** @throws {Damage} where all lists together have too many items to be walked through */
  countItems(items: number): void {
    this.#items += items;
    if (this.#items > MOST_ITEMS) throw new Damage(DAMAGED);
  }
}

function parse(cursor: Cursor): GgufHeader {
  if (cursor.text(MAGIC.length) !== MAGIC) throw new Damage(FOREIGN);
  const version = cursor.u32();
  if (version !== 2 && version !== 3) throw new Damage(`is of a GGUF version that is not known (${version})`);
  const tensors = cursor.u64(MOST_TENSORS);
  const count = cursor.u64(MOST_KEYS);
  const keys = new Set<string>();
  let architecture = '';
  let alignment = DEFAULT_ALIGNMENT;
  for (let i = 0; i < count; i++) {
    const key = cursor.string(LONGEST_NAME);
    const type = cursor.u32();
    keys.add(key);
    if (key === 'general.architecture' && type === STRING) architecture = cursor.string(LONGEST_NAME);
    else if (key === 'general.alignment' && type === UINT32) alignment = cursor.u32();
    else skipValue(cursor, type);
  }
  if (alignment < 1 || alignment > MOST_ALIGNMENT) throw new Damage(DAMAGED);
  const dataBytes = tensorDataBytes(cursor, tensors);
  const dataStart = Math.ceil(cursor.offset / alignment) * alignment;
  return { architecture, keys, wholeBytes: tensors === 0 ? cursor.offset : dataStart + dataBytes };
}

function skipValue(cursor: Cursor, type: number): void {
  if (type === STRING) cursor.skipString();
  else if (type === LIST) skipList(cursor);
  else cursor.skip(valueBytes(type));
}

function skipList(cursor: Cursor): void {
  const type = cursor.u32();
  const items = cursor.u64(MOST_ITEMS);
  cursor.countItems(items);
  if (type === STRING) for (let i = 0; i < items; i++) cursor.skipString();
  else cursor.skip(items * valueBytes(type));
}

/** @throws {Damage} for a type that there is not, and for lists within lists, which llama.cpp does not read either */
function valueBytes(type: number): number {
  const bytes = VALUE_BYTES[type];
  if (bytes === undefined) throw new Damage(DAMAGED);
  return bytes;
}

/** Where the data of the last tensor ends, from the start of all tensors' data. */
function tensorDataBytes(cursor: Cursor, tensors: number): number {
  let end = 0;
  for (let i = 0; i < tensors; i++) {
    cursor.skipString();
    const dimensions = cursor.u32();
    if (dimensions > MOST_DIMENSIONS) throw new Damage(DAMAGED);
    let elements = 1;
    for (let d = 0; d < dimensions; d++) elements *= cursor.u64();
    // Of a type that is not listed here only the beginning is known.
    const [block, bytes] = BLOCKS[cursor.u32()] ?? [1, 0];
    end = Math.max(end, cursor.u64() + (elements / block) * bytes);
  }
  return end;
}
