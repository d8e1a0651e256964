import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { SECRET_VARIABLES } from '../../../src/config/environment.js';
import { loadConfig } from '../../../src/config/load-config.js';
import { maskSecrets } from '../../../src/config/mask-secrets.js';

test('no secret of any variable or entry can be read from what is shown', async () => {
  const cwd = await mkdtemp(path.join(os.tmpdir(), 'mask-'));
  await writeFile(
    path.join(cwd, 'parley.config.yaml'),
    'models:\n  house: { endpoint: openai, name: x, apiKeyVariable: HOUSE_KEY }\n',
  );
  const secrets: Record<string, string> = {
    DISCORD_TOKEN: 'sekret.sekret.sekret',
    SLACK_SIGNING_SECRET: 'sekret',
    HF_TOKEN: 'hf_sekret',
    OPENAI_API_KEY: 'sk-sekret',
    DATABASE_URL: 'postgresql://parley:sekret@db:5432/parley?sslpassword=sekret',
    REDIS_URL: 'rediss://:sekret@redis:6379',
    PARLEY_API_KEY: 'sekret-sekret',
    PARLEY_ENCRYPTION_KEY: `${'sekret'.repeat(7)}s=,${'sekret'.repeat(7)}t=`,
    LOGGING_SECRET: 'sekret',
    LOGGING_URL: 'https://u:sekret@logs.example.org/services/sekret?key=sekret#sekret',
  };
  const one = { SLACK_BOT_TOKEN: 'xoxb-sekret', SLACK_APP_TOKEN: 'xapp-sekret' };
  const several = { SLACK_CLIENT_SECRET: 'sekret', SLACK_STATE_SECRET: 'sekret-sekret-sekret' };
  expect(Object.keys({ ...secrets, ...one, ...several }).sort()).toEqual([...SECRET_VARIABLES].sort());
  for (const slack of [one, { ...several, SLACK_CLIENT_ID: '1.2' }]) {
    const env = { ...secrets, ...slack, HOUSE_KEY: 'sekret' };
    const shown = JSON.stringify(maskSecrets(await loadConfig({ env, cwd })));
    expect(shown).not.toContain('sekret');
    for (const kept of ['db:5432', 'redis:6379', 'logs.example.org', 'house']) expect(shown).toContain(kept);
  }
  await rm(cwd, { recursive: true });
});

test('what is not set is shown as not set', async () => {
  const shown = maskSecrets(await loadConfig({ env: {}, cwd: os.tmpdir() }));
  expect(shown).toMatchObject({ web: { apiKey: null }, discord: null, huggingFace: { token: null } });
});

test.each([
  'https://logs.example.org/?sekret',
  'https://sekret@logs.example.org/',
  'HTTPS://u:sekret@logs.example.org',
])('no secret of the log export’s address is shown: %s', async (url) => {
  const shown = JSON.stringify(
    maskSecrets(await loadConfig({ env: { LOGGING_URL: url }, cwd: os.tmpdir() })),
  );
  expect(shown).not.toContain('sekret');
  expect(shown).toContain('logs.example.org');
});

test('a wrong address of the log export is not repeated', async () => {
  const failure = loadConfig({ env: { LOGGING_URL: 'htps://logs.example.org/sekret' }, cwd: os.tmpdir() });
  await expect(failure).rejects.toThrow(/LOGGING_URL is a value of 30 characters/);
  await expect(failure).rejects.not.toThrow('sekret');
});
