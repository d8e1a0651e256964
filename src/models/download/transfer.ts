import path from 'node:path';
import type { Dispatcher } from 'undici';
import { requireSpace } from './disk-space.js';
import type { OnProgress } from './download-progress.js';
import type { DownloadTools } from './download-tools.js';
import { followRedirects } from './follow-redirects.js';
import { mayContinue, type PartialFile, type PartialOrigin } from './partial-file.js';
import { failure, statusFailure } from './source-failure.js';
import { type StatedFile, statedFile } from './stated-file.js';

export interface RemoteFile {
  readonly url: string;
  /** Bearer token for the host of `url` alone. */
  readonly token: string | null;
  /** Known beforehand; null: what the source states. */
  readonly sha256: string | null;
  readonly bytes: number | null;
}

export interface Transferred {
  readonly sha256: string;
  readonly bytes: number;
  /** Some of it was there before. */
  readonly continued: boolean;
}

/**
 * Gets as much of a file as one answer brings, after what is there already.
 *
 * @throws {ExpectedFailure} where the source does not give the file, retryable where it may do so later
 * @throws undici's errors where the connection fails; what has come is kept
 */
export async function transfer(
  remote: RemoteFile,
  part: PartialFile,
  dispatcher: Dispatcher,
  tools: DownloadTools,
): Promise<Transferred> {
  const { clock, freeBytes, onProgress, signal } = tools;
  const host = hostOf(remote.url);
  const begun = await part.begun();
  const allowed = begun === null ? 'no' : mayContinue(begun.origin, remote);
  const resume = begun !== null && allowed !== 'no' ? begun : null;

  const { response, headers } = await followRedirects(remote.url, {
    headers: {
      'accept-encoding': 'identity',
      ...(resume === null ? {} : { range: `bytes=${resume.bytes}-` }),
      ...(allowed === 'if-unchanged' ? { 'if-range': resume?.origin.etag ?? '' } : {}),
    },
    token: remote.token,
    dispatcher,
    signal,
  });
  const { statusCode, body } = response;
  if (statusCode === 416 && resume !== null) {
    await body.dump();
    if (resume.bytes === resume.origin.bytes && resume.origin.sha256 !== null)
      return { sha256: resume.origin.sha256, bytes: resume.bytes, continued: true };
    await part.remove();
    throw failure(`${host} refuses to continue the file`, { retryable: true });
  }
  if (statusCode !== 200 && statusCode !== 206) {
    await body.dump();
    const asked = response.headers['retry-after'];
    throw statusFailure(host, statusCode, Array.isArray(asked) ? asked[0] : asked, clock.now());
  }

  try {
    const stated = statedFile(headers);
    const { sha256, bytes } = await whatIsWanted(remote, stated, dispatcher, signal);
    const offset = statusCode === 206 && resume !== null ? resume.bytes : 0;
    if (statusCode === 206 && !startsAt(response.headers['content-range'], offset))
      throw failure(`${host} sent another part of the file than was asked for`);
    if (bytes !== null) await requireSpace(path.dirname(part.path), bytes - offset, freeBytes);
    const origin = { url: remote.url, sha256, etag: stated.etag, bytes };
    const received = await writeBody(body, offset, part, origin, onProgress);
    if (bytes !== null && received !== bytes) throw failure(`${host} cut the file off`, { retryable: true });
    return { sha256, bytes: received, continued: offset > 0 };
  } finally {
    body.destroy();
  }
}

async function writeBody(
  body: AsyncIterable<Buffer>,
  offset: number,
  part: PartialFile,
  origin: PartialOrigin,
  onProgress: OnProgress,
): Promise<number> {
  const totalBytes = origin.bytes;
  const file = await part.open(offset, origin);
  let received = offset;
  try {
    for await (const chunk of body) {
      if (totalBytes !== null && received + chunk.length > totalBytes)
        throw failure('the source sends more than the file is long');
      await file.writeFile(chunk);
      received += chunk.length;
      onProgress({ phase: 'downloading', bytes: received, totalBytes });
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return received;
}

/** Checksum and length of the file: what was known beforehand, else what the source states. */
async function whatIsWanted(
  remote: RemoteFile,
  stated: StatedFile,
  dispatcher: Dispatcher,
  signal: AbortSignal,
): Promise<{ readonly sha256: string; readonly bytes: number | null }> {
  const host = hostOf(remote.url);
  if (remote.bytes !== null && stated.bytes !== null && remote.bytes !== stated.bytes)
    throw failure(`${host} has a file of ${stated.bytes} bytes in place of ${remote.bytes}`);
  const sha256 = remote.sha256 ?? stated.sha256 ?? (await checksumBeside(remote, dispatcher, signal));
  if (sha256 === null)
    throw failure(
      `${host} states no SHA-256 of the file: give sha256 with this source in parley.config.yaml`,
    );
  return { sha256, bytes: remote.bytes ?? stated.bytes };
}

/** The checksum of `<url>.sha256`, as `sha256sum` writes it; null where there is none. */
async function checksumBeside(
  remote: RemoteFile,
  dispatcher: Dispatcher,
  signal: AbortSignal,
): Promise<string | null> {
  const url = new URL(remote.url);
  url.pathname += '.sha256';
  const { response } = await followRedirects(url.href, {
    headers: {},
    token: remote.token,
    dispatcher,
    signal,
  });
  let text = '';
  for await (const chunk of response.body) {
    text += String(chunk);
    if (response.statusCode !== 200 || text.length > 1024) break;
  }
  if (response.statusCode !== 200) return null;
  return /^\s*([0-9a-f]{64})\b/i.exec(text)?.[1]?.toLowerCase() ?? null;
}

function startsAt(contentRange: string | string[] | undefined, offset: number): boolean {
  return String(contentRange ?? '').startsWith(`bytes ${offset}-`);
}

export function hostOf(url: string): string {
  return new URL(url).host;
}
