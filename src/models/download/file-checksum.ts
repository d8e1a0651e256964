import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** Large enough to hash at full speed, small enough (about 1 ms) not to hold up the event loop. */
const CHUNK_BYTES = 1024 * 1024;

/**
 * SHA-256 of a file, in small hexadecimal letters.
 *
 * @param onBytes - told the bytes hashed so far
 * @throws `signal.reason` on abort; the file system's error where the file cannot be read
 */
export async function fileChecksum(
  file: string,
  signal: AbortSignal,
  onBytes: (bytes: number) => void = () => {},
): Promise<string> {
  const hash = createHash('sha256');
  let bytes = 0;
  signal.throwIfAborted();
  const chunks: AsyncIterable<Buffer> = createReadStream(file, { highWaterMark: CHUNK_BYTES });
  for await (const chunk of chunks) {
    signal.throwIfAborted();
    hash.update(chunk);
    bytes += chunk.length;
    onBytes(bytes);
  }
  return hash.digest('hex');
}
