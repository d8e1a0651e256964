import { open } from 'node:fs/promises';
import { ExpectedFailure } from '../../domain/failure.js';

/** What a model file says of itself. */
export interface GgufFacts {
  readonly architecture: string;
  /** Tokens it was trained for; null where it does not say. */
  readonly contextLength: number | null;
  readonly bytes: number;
}

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

/** Keys whose values are as long as the vocabulary and tell nothing here. */
const LONG_KEYS = ['tokens', 'merges', 'token_type', 'scores'].map((key) => `tokenizer.ggml.${key}`);

/**
 * Reads a model file's header: enough to tell a whole file from one that is cut short or something else.
 *
 * @throws {ExpectedFailure} `model-missing`, saying what is wrong with the file
 */
export async function inspectGguf(file: string): Promise<GgufFacts> {
  const { magic, bytes } = await beginning(file);
  if (magic !== 'GGUF') throw damaged(file, 'is not a GGUF file');
  // Loaded here alone: it takes a third of a second, and a verified file is not read again.
  const { readGgufFileInfo } = await import('node-llama-cpp');
  const info = await readGgufFileInfo(file, {
    sourceType: 'filesystem',
    logWarnings: false,
    ignoreKeys: LONG_KEYS,
  }).catch(() => null);
  const architecture: unknown = info?.metadata?.general?.architecture;
  if (info === null || typeof architecture !== 'string' || architecture === '')
    throw damaged(file, 'has a damaged header');
  if (info.tensorInfo === undefined || info.tensorInfo.length < Number(info.tensorCount))
    throw damaged(file, 'is cut short');
  for (const { dimensions, fileOffset, ggmlType } of info.tensorInfo) {
    const [elements, size] = BLOCKS[ggmlType] ?? [Number.POSITIVE_INFINITY, 0];
    const count = dimensions.reduce<number>((product, dimension) => product * Number(dimension), 1);
    if (Number(fileOffset) + (count / elements) * size > bytes) throw damaged(file, 'is cut short');
  }
  const contextLength: unknown = info.architectureMetadata.context_length;
  return { architecture, contextLength: typeof contextLength === 'number' ? contextLength : null, bytes };
}

async function beginning(file: string): Promise<{ readonly magic: string; readonly bytes: number }> {
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    handle = await open(file, 'r');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    throw damaged(file, code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`);
  }
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0).catch(() => {
      throw damaged(file, 'is not a file');
    });
    return { magic: buffer.toString('latin1', 0, bytesRead), bytes: size };
  } finally {
    await handle.close();
  }
}

function damaged(file: string, how: string): ExpectedFailure {
  return new ExpectedFailure('model-missing', `${file} ${how}`);
}
