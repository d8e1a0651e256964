import { open, rename } from 'node:fs/promises';
import path from 'node:path';
import { type Dispatcher, EnvHttpProxyAgent } from 'undici';
import { ExpectedFailure } from '../../domain/failure.js';
import { backOff } from '../../domain/time/back-off.js';
import { asDiskFailure } from './disk-space.js';
import type { DownloadTools } from './download-tools.js';
import { fileChecksum } from './file-checksum.js';
import { PartialFile } from './partial-file.js';
import { connectionFailure, failure } from './source-failure.js';
import { hostOf, type RemoteFile, type Transferred, transfer } from './transfer.js';

export interface VerifiedFile {
  readonly sha256: string;
  readonly bytes: number;
}

/**
 * Gets a file over HTTP to `destination`: continued where an earlier try ended, checked against its SHA-256, and
 * there only once it is whole.
 *
 * @throws {ExpectedFailure} `model-missing` where this source does not give the file, `setup` where the disk is full
 * @throws `signal.reason` on abort; what has come is kept for the next time
 */
export async function downloadFile(
  remote: RemoteFile,
  destination: string,
  tools: DownloadTools,
): Promise<VerifiedFile> {
  const part = new PartialFile(destination);
  const dispatcher = new EnvHttpProxyAgent({
    connect: { timeout: tools.limits.connectMs },
    headersTimeout: tools.limits.stallMs,
    bodyTimeout: tools.limits.stallMs,
  });
  try {
    let restarted = false;
    for (;;) {
      const whole = await transferAll(remote, part, dispatcher, tools);
      const sha256 = await fileChecksum(part.path, tools.signal, (bytes) =>
        tools.onProgress({ phase: 'verifying', bytes, totalBytes: whole.bytes }),
      );
      if (sha256 === whole.sha256) {
        await settle(part.path, destination);
        await part.forgetOrigin();
        return { sha256, bytes: whole.bytes };
      }
      await part.remove();
      // Bytes of an earlier try may have been bad; a file that came in one go is simply not the right one.
      if (restarted || !whole.continued)
        throw failure(`${hostOf(remote.url)} sent a file whose SHA-256 is not the expected one`);
      restarted = true;
    }
  } catch (error) {
    const told = asDiskFailure(error, path.dirname(destination));
    if (told !== error) await part.remove();
    throw told;
  } finally {
    await dispatcher.destroy();
  }
}

/** Tries until the file is there in full length, and as long as each few tries bring more of it. */
async function transferAll(
  remote: RemoteFile,
  part: PartialFile,
  dispatcher: Dispatcher,
  tools: DownloadTools,
): Promise<Transferred> {
  const { clock, limits, signal } = tools;
  let faults = 0;
  for (;;) {
    const before = (await part.begun())?.bytes ?? 0;
    try {
      return await transfer(remote, part, dispatcher, tools);
    } catch (error) {
      signal.throwIfAborted();
      const told = connectionFailure(hostOf(remote.url), error);
      const progressed = ((await part.begun())?.bytes ?? 0) > before;
      faults = progressed ? 1 : faults + 1;
      // Where bytes have come the server exists, and even a refused connection is worth another try.
      const worthwhile = told instanceof ExpectedFailure && (told.retryable || before > 0 || progressed);
      if (!worthwhile || faults >= limits.attempts) throw told;
      await clock.sleep(told.retryAfterMs ?? backOff({ firstMs: limits.backoffMs }, faults), signal);
    }
  }
}

/** Gives a finished file its name, on the disk before anybody sees it. */
export async function settle(from: string, to: string): Promise<void> {
  const file = await open(from, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(from, to);
}
