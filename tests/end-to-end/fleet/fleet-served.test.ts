import { mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
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

interface ShownModel {
  readonly alias: string;
  readonly state: string;
  readonly served: boolean;
  readonly uses: number;
}

/**
 * Two workers: `free` serves what it can, `bound` what is listed for it. `tiny` has a fallback, `lone` none; of neither
 * is the length known, so that no question gets them.
 */
describe.skipIf(!testServers())('models that come and go while workers run', () => {
  let folder: string;
  let hub: ModelHub;
  let server: ModelServer;
  let fleet: ParleyFleet;
  let web: SpawnedParley;
  /** By what each serves at the start. */
  let names: { readonly free: string; readonly bound: string };

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'parley-served-'));
    [hub, server] = [await ModelHub.start(), await startModelServer()];
    server.setScript(() => 'The hosted one answers.');
    const offered = async (alias: string, reply: string) => {
      const file = path.join(folder, `${alias}.gguf`);
      writeScriptedModel(file, { reply });
      const bytes = await readFile(file);
      hub.put(`${alias}.gguf`, bytes);
      const source = { url: `${hub.storageUrl}/${alias}.gguf`, sha256: sha256(bytes) };
      return { sources: [source], contextSize: 1024 };
    };
    fleet = await createParleyFleet({
      modelServer: server,
      file: {
        models: {
          hosted: { endpoint: 'openai', name: 'scripted', contextSize: 4096 },
          tiny: { ...(await offered('tiny', 'Tiny answers.')), fallback: ['hosted'] },
          lone: await offered('lone', 'Lone answers.'),
        },
        downloads: { allowed: true },
        worker: { unservedAfterSeconds: 600 },
        engine: { gpu: 'off' },
      },
    });
    web = await fleet.start('web');
    const data = (name: string) => ({ PARLEY_DATA_DIR: path.join(folder, name) });
    await fleet.start('worker', { ...data('bound'), PARLEY_WORKER_MODELS: 'hosted' });
    const [bound = ''] = await shown((workers) => workers.size === 1);
    await fleet.start('worker', data('free'));
    const both = await shown((workers) => workers.size === 2);
    names = { bound, free: both.find((name) => name !== bound) ?? '' };
  });
  afterAll(async () => {
    await fleet.remove();
    await Promise.all([hub.stop(), server.close()]);
    await rm(folder, { recursive: true, force: true });
  });

  async function workers(): Promise<Map<string, readonly ShownModel[]>> {
    const response = await fetch(`${web.url}/api/admin/models`);
    const listed = (await response.json()) as { workers: { worker: string; models: ShownModel[] }[] };
    return new Map(listed.workers.map(({ worker, models }) => [worker, models]));
  }
  /** Names of the workers, once `enough`. */
  const shown = (enough: (all: Awaited<ReturnType<typeof workers>>) => boolean): Promise<string[]> =>
    eventually(async () => {
      const all = await workers();
      expect(enough(all)).toBe(true);
      return [...all.keys()];
    });
  const shows = (worker: string, alias: string, wanted: Partial<ShownModel>) =>
    eventually(async () =>
      expect((await workers()).get(worker)?.find((model) => model.alias === alias)).toMatchObject(wanted),
    );
  const order = async (worker: string, alias: string, action: string) => {
    const response = await fetch(`${web.url}/api/admin/models/${alias}/${action}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ worker }),
    });
    expect(response.status).toBe(202);
  };
  const ask = async (model: string): Promise<unknown> => {
    const response = await fetch(`${web.url}/api/question`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ question: 'hello?', user_id: 'ada', model }),
    });
    return response.json();
  };
  /** What the web process tells people who choose a model. */
  const offers = (alias: string, state: string) =>
    eventually(async () => {
      const { models } = (await (await fetch(`${web.url}/api/models`)).json()) as { models: ShownModel[] };
      expect(models.find((model) => model.alias === alias)).toMatchObject({ state });
    });

  test('a model that is pulled answers, and one that is deleted leaves its questions to others', async () => {
    for (const worker of Object.values(names))
      await shows(worker, 'tiny', { state: 'missing', served: false });
    expect(await ask('tiny')).toMatchObject({ answer: 'The hosted one answers.', model: 'hosted' });

    await order(names.free, 'tiny', 'pull');
    await shows(names.free, 'tiny', { state: 'on-disk', served: true });
    await offers('tiny', 'ready');
    expect(await ask('tiny')).toMatchObject({ answer: 'Tiny answers.', model: 'tiny' });

    await shows(names.free, 'tiny', { uses: 0 });
    await order(names.free, 'tiny', 'delete');
    await shows(names.free, 'tiny', { state: 'missing', served: false });
    // Asked at once: what still goes to the model's own queue has to be found there.
    const hasty = ask('tiny');
    await offers('tiny', 'unavailable');
    expect(await ask('tiny')).toMatchObject({ answer: 'The hosted one answers.', model: 'hosted' });
    expect(await hasty).toMatchObject({ answer: 'The hosted one answers.', model: 'hosted' });
  });

  test('a question that waits for a model is answered as soon as a worker has got it', async () => {
    hub.faults.push({ type: 'stall', after: 100 });
    await order(names.free, 'lone', 'pull');
    await shows(names.free, 'lone', { state: 'pulling', served: false });
    const waiting = ask('lone');
    hub.dropConnections();
    expect(await waiting).toMatchObject({ answer: 'Lone answers.', model: 'lone' });
    await shows(names.free, 'lone', { state: 'loaded', served: true });
  });

  test('a file that somebody takes away, or puts back, counts like one that was ordered', async () => {
    const models = path.join(folder, 'free', 'models');
    const [name = ''] = (await readdir(models)).filter((each) => each.endsWith('.gguf'));
    await rename(path.join(models, name), path.join(folder, name));
    await shows(names.free, 'lone', { served: false });
    await offers('lone', 'unavailable');
    await rename(path.join(folder, name), path.join(models, name));
    await shows(names.free, 'lone', { served: true });
    expect(await ask('lone')).toMatchObject({ answer: 'Lone answers.', model: 'lone' });
  });

  test('what an operator lists for a worker holds, whatever it has', async () => {
    await order(names.bound, 'tiny', 'pull');
    await shows(names.bound, 'tiny', { state: 'on-disk', served: false });
    expect(await ask('tiny')).toMatchObject({ answer: 'The hosted one answers.', model: 'hosted' });
  });
});
