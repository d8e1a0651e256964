import { type FileHandle, open } from 'node:fs/promises';
import { ExpectedFailure } from '../../domain/failure.js';
import { readGgufHeader } from '../../domain/models/gguf-header.js';

/**
 * Reads a model file's head: enough to tell a whole file from one that is cut short or something else.
 *
 * @returns the file's length in bytes
 * @throws {ExpectedFailure} `model-missing`, saying what is wrong with the file
 */
export async function inspectGguf(file: string): Promise<number> {
  const damaged = (how: string) => new ExpectedFailure('model-missing', `${file} ${how}`);
  let handle: FileHandle;
  try {
    handle = await open(file, 'r');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    throw damaged(code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`);
  }
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw damaged('is not a file');
    const header = await readGgufHeader(found.size, async (count) => {
      const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(count), 0, count, 0);
      return buffer.subarray(0, bytesRead);
    });
    if ('damage' in header) throw damaged(header.damage);
    if (header.architecture === '') throw damaged('has a damaged header');
    if (found.size < header.wholeBytes) throw damaged('is cut short');
    return found.size;
  } finally {
    await handle.close();
  }
}
