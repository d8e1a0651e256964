import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import { ExpectedFailure } from '../../src/domain/failure.js';
import { type GgufHeader, readGgufHeader } from '../../src/domain/models/gguf-header.js';

/** Metadata without which llama.cpp ends the process instead of refusing the file. */
const REQUIRED = ['context_length', 'embedding_length', 'block_count', 'attention.head_count'];

/**
 * Reads a GGUF file's head and refuses what would take the process down.
 *
 * @throws {ExpectedFailure} `model-missing` where there is no file, `provider-rejected` where it is no usable model
 */
export async function checkGguf(file: string): Promise<GgufHeader> {
  const name = path.basename(file);
  const missing = () => new ExpectedFailure('model-missing', `The model file ${name} does not exist.`);
  const refused = (how: string) => new ExpectedFailure('provider-rejected', `The model file ${name} ${how}`);
  const handle: FileHandle = await open(file, 'r').catch(() => {
    throw missing();
  });
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw missing();
    const header = await readGgufHeader(found.size, async (count) => {
      const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(count), 0, count, 0);
      return buffer.subarray(0, bytesRead);
    });
    if ('damage' in header) throw refused(`${header.damage}: get it again.`);
    const { architecture, keys, wholeBytes } = header;
    const lacking = REQUIRED.filter((key) => !keys.has(`${architecture}.${key}`));
    if (architecture === '') lacking.unshift('general.architecture');
    if (architecture === 'llama' && !keys.has('llama.feed_forward_length'))
      lacking.push('feed_forward_length');
    if (lacking.length > 0) throw refused(`is malformed: its metadata lacks ${lacking.join(', ')}.`);
    if (wholeBytes > found.size)
      throw refused(`is cut short: it has ${found.size} of ${wholeBytes} bytes. Get it again.`);
    return header;
  } finally {
    await handle.close();
  }
}
