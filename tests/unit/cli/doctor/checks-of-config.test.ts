import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { checksOfConfig } from '../../../../src/cli/doctor/checks-of-config.js';
import { loadConfig } from '../../../../src/config/load-config.js';
import { FakeClock } from '../../../doubles/clocks/fake-clock.js';
import { RecordedLog } from '../../../doubles/recorders/recorded-log.js';
import { JsonServer } from '../../../doubles/servers/json-server.js';

test('each key of one server is tried, with the models that are asked with it', async () => {
  const server = await JsonServer.start({ '/v1/models': { body: { data: [{ id: 'qwen' }] } } });
  onTestFinished(() => server.stop());
  const cwd = await mkdtemp(path.join(os.tmpdir(), 'checks-'));
  onTestFinished(() => rm(cwd, { recursive: true, force: true }));
  const entry = (alias: string, name: string) =>
    `  ${alias}: { endpoint: openai, name: ${name}, baseUrl: ${server.url}/v1, apiKeyVariable: ${alias.toUpperCase()}_KEY }\n`;
  await writeFile(
    path.join(cwd, 'parley.config.yaml'),
    `models:\n${entry('one', 'qwen')}${entry('other', 'llama')}`,
  );
  const config = await loadConfig({ env: { ONE_KEY: 'k-1', OTHER_KEY: 'k-2' }, cwd });
  const tools = { clock: new FakeClock(), env: {}, log: new RecordedLog() };
  const checks = checksOfConfig(config, tools).filter(({ name }) => name.startsWith('OpenAI'));
  const findings = await Promise.all(checks.map((check) => check.run(new AbortController().signal)));
  expect(findings.map((each) => each.map(({ state }) => state))).toEqual([['ok'], ['ok', 'warn']]);
  expect(server.requests.map(({ headers }) => headers['authorization']).sort()).toEqual([
    'Bearer k-1',
    'Bearer k-2',
  ]);
});
