import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { downloadFile } from '../../../../src/models/download/download-file.js';
import type { DownloadTools } from '../../../../src/models/download/download-tools.js';
import type { RemoteFile } from '../../../../src/models/download/transfer.js';
import { systemClock } from '../../../../src/process/system-clock.js';
import { ModelHub } from '../../../doubles/model-hub/model-hub.js';

/** What is downloaded, and where the hub offers it. */
export const BYTES = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7919) % 251));
export const WHERE = 'owner/name/resolve/main/model.gguf';

export const refusals = (status: number) =>
  Array.from({ length: 4 }, () => ({ type: 'status', status }) as const);

/** For the tests of a file: a hub and an empty folder for each, and downloads from the one into the other. */
export function withDownloads() {
  let hub: ModelHub;
  let folder: string;
  beforeEach(async () => {
    hub = await ModelHub.start();
    folder = await mkdtemp(path.join(os.tmpdir(), 'download-'));
  });
  afterEach(async () => {
    await hub.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const tools = (changes: Partial<DownloadTools> = {}): DownloadTools => ({
    clock: systemClock,
    freeBytes: async () => 1e12,
    limits: { connectMs: 2000, stallMs: 10_000, attempts: 4, backoffMs: 1 },
    signal: new AbortController().signal,
    onProgress: () => {},
    ...changes,
  });
  const fromHub = (changes: Partial<RemoteFile> = {}): RemoteFile => ({
    url: `${hub.url}/${WHERE}`,
    token: null,
    sha256: null,
    bytes: null,
    ...changes,
  });
  const destination = () => path.join(folder, 'model.gguf');
  const download = (remote = fromHub(), changes: Partial<DownloadTools> = {}) =>
    downloadFile(remote, destination(), tools(changes));

  return {
    get hub() {
      return hub;
    },
    get folder() {
      return folder;
    },
    tools,
    fromHub,
    fromStorage: (file: string, changes: Partial<RemoteFile> = {}) =>
      fromHub({ url: `${hub.storageUrl}/${file}`, ...changes }),
    destination,
    download,
    async expectWhole(): Promise<void> {
      expect((await readFile(destination())).equals(BYTES)).toBe(true);
      expect(await readdir(folder)).toEqual(['model.gguf']);
    },
    /** A download that was broken off for good after so many bytes. */
    async leavePart(bytes: number): Promise<void> {
      hub.faults.push({ type: 'stall', after: bytes }, ...refusals(500));
      const onProgress = (progress: { bytes: number }) => progress.bytes === bytes && hub.dropConnections();
      await expect(download(fromHub(), { onProgress })).rejects.toThrow('500');
    },
  };
}
