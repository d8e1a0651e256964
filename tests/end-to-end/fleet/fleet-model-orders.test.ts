import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../doubles/eventually.js';
import { writeScriptedModel } from '../../doubles/gguf/models.js';
import { ModelHub, sha256 } from '../../doubles/model-hub/model-hub.js';
import { type ModelServer, startModelServer } from '../../doubles/model-server/model-server.js';
import { testServers } from '../../fixtures/test-servers.js';
import type { SpawnedParley } from '../spawn-parley.js';
import { createParleyFleet, type ParleyFleet } from './parley-fleet.js';

describe.skipIf(!testServers())('an administrator’s orders, from a web process to a worker', () => {
  let folder: string;
  let bytes: Buffer;
  let hub: ModelHub;
  let server: ModelServer;
  let fleet: ParleyFleet;
  let web: SpawnedParley;
  let worker: SpawnedParley;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'parley-orders-'));
    const file = path.join(folder, 'tiny.gguf');
    writeScriptedModel(file, { reply: 'Tiny answers.' });
    bytes = await readFile(file);
    hub = await ModelHub.start();
    hub.put('tiny.gguf', bytes);
    server = await startModelServer();
    const source = { url: `${hub.storageUrl}/tiny.gguf`, sha256: sha256(bytes) };
    const tiny = { sources: [source], contextSize: 1024 };
    fleet = await createParleyFleet({
      modelServer: server,
      file: {
        models: { hosted: { endpoint: 'openai', name: 'scripted', contextSize: 4096 }, tiny },
        downloads: { allowed: true },
        engine: { gpu: 'off' },
      },
    });
    web = await fleet.start('web');
    worker = await fleet.start('worker', {
      PARLEY_WORKER_MODELS: 'hosted,tiny',
      PARLEY_DATA_DIR: path.join(folder, 'data'),
    });
  });
  afterAll(async () => {
    await fleet.remove();
    await Promise.all([hub.stop(), server.close()]);
    await rm(folder, { recursive: true, force: true });
  });

  interface Shown {
    readonly state: string;
    readonly progress: number | null;
    readonly [field: string]: unknown;
  }

  async function tiny(): Promise<Shown | undefined> {
    const response = await fetch(`${web.url}/api/admin/models`);
    const { workers } = (await response.json()) as { workers: { models: Shown[] }[] };
    return workers[0]?.models.find((model) => model['alias'] === 'tiny');
  }
  const shows = (wanted: Partial<Shown>) =>
    eventually(async () => expect(await tiny()).toMatchObject(wanted));
  /** What everybody who chooses a model is told of it. */
  const lists = (wanted: object) =>
    eventually(async () => {
      const { models } = (await (await fetch(`${web.url}/api/models`)).json()) as { models: Shown[] };
      expect(models.find((model) => model['alias'] === 'tiny')).toMatchObject(wanted);
    });
  const order = async (action: string) =>
    (
      await fetch(`${web.url}/api/admin/models/tiny/${action}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{}',
      })
    ).status;
  const lost = async () => {
    const response = await fetch(`${web.url}/api/admin/models`);
    return ((await response.json()) as { not_taken: unknown[] }).not_taken;
  };
  const ask = async () => {
    const response = await fetch(`${web.url}/api/question`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ question: 'hello?', user_id: 'ada', model: 'tiny' }),
    });
    return response.json();
  };
  const files = async () =>
    (await readdir(path.join(folder, 'data', 'models'))).filter((name) => name.endsWith('.gguf'));

  test('delete, pull, check, load and unload what it serves', async () => {
    await shows({ state: 'on-disk', served: true, deletable: true, size_bytes: bytes.length });
    expect(await order('delete')).toBe(202);
    await shows({ state: 'missing', deletable: false });
    await lists({ state: 'not-downloaded', loaded: false, progress: null });
    expect(await files()).toEqual([]);
    expect(await order('load')).toBe(409);

    hub.faults.push({ type: 'stall', after: Math.floor(bytes.length / 4) });
    expect(await order('pull')).toBe(202);
    await shows({ state: 'pulling', doing: 'pull', progress: expect.closeTo(0.25, 2) });
    await lists({ state: 'not-downloaded', loaded: false, progress: expect.closeTo(0.25, 2) });
    expect(await order('pull')).toBe(202);
    expect(await order('delete')).toBe(409);
    expect(await order('cancel')).toBe(202);
    await shows({ state: 'missing', doing: null, progress: null, problem: null });
    expect(await order('cancel')).toBe(409);

    expect(await order('pull')).toBe(202);
    await shows({ state: 'on-disk', doing: null, progress: null, problem: null });
    expect(await files()).toHaveLength(1);
    // The rest alone was asked for.
    expect(hub.requests.at(-1)?.headers.range).toMatch(/^bytes=[1-9]\d*-$/);

    expect(await order('check')).toBe(202);
    await shows({ checked: { at: expect.any(String), ok: true, problem: null }, doing: null });
    expect(await order('load')).toBe(202);
    await shows({ state: 'loaded', context_window: 1024, doing: null });
    expect(await ask()).toMatchObject({ answer: 'Tiny answers.', model: 'tiny' });
    await shows({ uses: 0 });
    expect(await order('unload')).toBe(202);
    await lists({ state: 'ready', loaded: false, size_bytes: bytes.length });
    expect(await ask()).toMatchObject({ answer: 'Tiny answers.', model: 'tiny' });
    await lists({ state: 'ready', loaded: true, context_window: 1024 });
  });

  test('are told of where the worker dies over them', async () => {
    await shows({ uses: 0 });
    expect(await order('delete')).toBe(202);
    await shows({ state: 'missing' });
    hub.faults.push({ type: 'stall', after: 1_000 });
    expect(await order('pull')).toBe(202);
    await shows({ state: 'pulling', doing: 'pull' });
    expect(await lost()).toEqual([]);
    await worker.end('SIGKILL');
    await eventually(async () =>
      expect(await lost()).toEqual([
        expect.objectContaining({
          ...{ alias: 'tiny', action: 'pull' },
          problem:
            'The order to pull tiny was not carried out: that worker is gone; start it, and give the order again.',
        }),
      ]),
    );
  });
});
