import { stat } from 'node:fs/promises';
import path from 'node:path';
import { type GgufFileInfo, readGgufFileInfo } from 'node-llama-cpp';
import { ExpectedFailure } from '../../src/domain/failure.js';

/** Metadata without which llama.cpp ends the process instead of refusing the file. */
const REQUIRED = ['context_length', 'embedding_length', 'block_count', 'attention.head_count'];

/**
 * Reads a GGUF file's head and refuses what would take the process down.
 *
 * @throws {ExpectedFailure} `model-missing` where there is no file, `provider-rejected` where it is no usable model
 */
export async function checkGguf(file: string): Promise<GgufFileInfo> {
  const name = path.basename(file);
  const found = await stat(file).catch(() => null);
  if (!found?.isFile()) throw new ExpectedFailure('model-missing', `The model file ${name} does not exist.`);
  let info: GgufFileInfo;
  try {
    info = await readGgufFileInfo(file, { sourceType: 'filesystem', logWarnings: false });
  } catch (cause) {
    throw new ExpectedFailure(
      'provider-rejected',
      `The model file ${name} is not a complete GGUF file: get it again.`,
      { cause },
    );
  }
  const architecture: unknown = info.metadata.general?.architecture;
  const lacking = REQUIRED.filter((key) => readKey(info.metadata, `${architecture}.${key}`) === undefined);
  if (typeof architecture !== 'string') lacking.unshift('general.architecture');
  if (architecture === 'llama' && readKey(info.metadata, 'llama.feed_forward_length') === undefined) {
    lacking.push('feed_forward_length');
  }
  if (lacking.length > 0) {
    throw new ExpectedFailure(
      'provider-rejected',
      `The model file ${name} is malformed: its metadata lacks ${lacking.join(', ')}.`,
    );
  }
  if (lastByte(info) > found.size && info.splicedParts === 1) {
    throw new ExpectedFailure(
      'provider-rejected',
      `The model file ${name} is truncated: it has ${found.size} bytes and describes more. Get it again.`,
    );
  }
  return info;
}

function readKey(metadata: unknown, dotted: string): unknown {
  let value: unknown = metadata;
  for (const key of dotted.split('.')) {
    value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  }
  return value;
}

/** A lower bound of the file's size: where the last tensor begins. */
function lastByte(info: GgufFileInfo): number {
  return Math.max(0, ...(info.tensorInfo ?? []).map((tensor) => Number(tensor.fileOffset) + 1));
}
