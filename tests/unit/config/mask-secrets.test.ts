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
    SLACK_BOT_TOKEN: 'xoxb-sekret',
    SLACK_APP_TOKEN: 'xapp-sekret',
    SLACK_SIGNING_SECRET: 'sekret',
    HF_TOKEN: 'hf_sekret',
    OPENAI_API_KEY: 'sk-sekret',
    DATABASE_URL: 'postgresql://parley:sekret@db:5432/parley?sslpassword=sekret',
    REDIS_URL: 'rediss://:sekret@redis:6379',
    PARLEY_API_KEY: 'sekret-sekret',
    LOGGING_SECRET: 'sekret',
  };
  expect(Object.keys(secrets).sort()).toEqual([...SECRET_VARIABLES].sort());
  const shown = JSON.stringify(
    maskSecrets(
      await loadConfig({
        env: {
          ...secrets,
          HOUSE_KEY: 'sekret',
          LOGGING_URL: 'https://u:sekret@logs.example.org/?key=sekret',
        },
        cwd,
      }),
    ),
  );
  await rm(cwd, { recursive: true });
  expect(shown).not.toContain('sekret');
  for (const kept of ['db:5432', 'redis:6379', 'logs.example.org', 'house']) expect(shown).toContain(kept);
});

test('what is not set is shown as not set', async () => {
  const shown = maskSecrets(await loadConfig({ env: {}, cwd: os.tmpdir() }));
  expect(shown).toMatchObject({ web: { apiKey: null }, discord: null, huggingFace: { token: null } });
});
