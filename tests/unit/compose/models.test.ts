import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { catalogOfConfig } from '../../../src/cli/catalog-of-config.js';
import { composeModels } from '../../../src/compose/models.js';
import { loadConfig } from '../../../src/config/load-config.js';
import { systemClock } from '../../../src/process/system-clock.js';
import { startModelServer } from '../../doubles/model-server/model-server.js';
import { answer, serverError } from '../../doubles/model-server/reply.js';
import { RecordedLog } from '../../doubles/recorders/recorded-log.js';

/** The models of a configuration whose one entry asks a server double. */
async function open(entry: string) {
  const cwd = await mkdtemp(path.join(os.tmpdir(), 'compose-'));
  const server = await startModelServer();
  await writeFile(
    path.join(cwd, 'parley.config.yaml'),
    `model: house\nmodels:\n  house: { endpoint: openai, name: fox, ${entry} }\n`,
  );
  const config = await loadConfig({ env: { OPENAI_BASE_URL: server.url }, cwd });
  const deps = { clock: systemClock, log: new RecordedLog() };
  const models = await composeModels(config, catalogOfConfig(config, { ...deps, env: {} }), deps);
  onTestFinished(async () => {
    await models.stop();
    await server.close();
    await rm(cwd, { recursive: true });
  });
  const ask = async () => {
    let text = '';
    const request = {
      alias: 'house',
      overrides: {},
      cacheKey: '1',
      prompt: async () => [{ role: 'user' as const, content: 'Hi' }],
    };
    for await (const part of models.router.stream(request, new AbortController().signal))
      if (part.type === 'delta') text += part.text;
    return text;
  };
  return { server, ask };
}

test('an endpoint’s configured limits are the ones it is asked with', async () => {
  const { server, ask } = await open('limits: { retries: 0, breakerFailures: 2, breakerRestSeconds: 600 }');
  server.setScript(() => serverError());
  for (const reason of ['500', '500', 'left alone for a while']) await expect(ask()).rejects.toThrow(reason);
  expect(server.requests).toHaveLength(2);
});

test('a model that is said to begin in reasoning hides it from its first answer on', async () => {
  const { server, ask } = await open('beginsInReasoning: true');
  server.setScript(() => answer('They want a greeting.</think>Hello!'));
  expect(await ask()).toBe('Hello!');
});
