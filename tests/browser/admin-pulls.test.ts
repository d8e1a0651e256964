import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeScriptedModel } from '../doubles/gguf/models.js';
import { ModelHub, sha256 } from '../doubles/model-hub/model-hub.js';
import { startUnderTest } from '../end-to-end/parley-under-test.js';
import { expectClear } from './expect-clear.js';
import { describeInBrowser, LOOKS, openBrowser, visit } from './open-browser.js';
import { SETUP_MS } from './operator.js';

describeInBrowser('a model’s file', () => {
  let browser: Browser;
  let hub: ModelHub;
  let folder: string;
  let bytes: Buffer;
  beforeAll(async () => {
    [browser, hub, folder] = await Promise.all([
      openBrowser(),
      ModelHub.start(),
      mkdtemp(path.join(tmpdir(), 'parley-pulls-')),
    ]);
    const file = path.join(folder, 'tiny.gguf');
    writeScriptedModel(file, { reply: 'Tiny answers.' });
    bytes = await readFile(file);
    hub.put('tiny.gguf', bytes);
  }, SETUP_MS);
  afterAll(async () => {
    await browser?.close();
    await hub?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** @param allowed - whether files may be downloaded */
  const start = async (allowed: boolean) => {
    const source = { url: `${hub.storageUrl}/tiny.gguf`, sha256: sha256(bytes) };
    const models = path.join(folder, `data-${allowed}`, 'models');
    const under = await startUnderTest({
      file: {
        models: { tiny: { sources: [source], contextSize: 1024 } },
        downloads: { allowed },
        engine: { gpu: 'off' },
      },
      env: { PARLEY_DATA_DIR: path.dirname(models) },
    });
    return {
      ...{ url: under.url, models, [Symbol.asyncDispose]: () => under.stop() },
      files: async () => (await readdir(models)).filter((name) => name.endsWith('.gguf')),
    };
  };
  const tinyOf = (page: Page) => {
    const row = page.getByRole('row').filter({ has: page.getByText('tiny', { exact: true }) });
    return { row, press: (action: string) => row.getByRole('button', { name: `${action} tiny` }).click() };
  };

  test('is not pulled where downloads are turned off, which is told with what to do', async () => {
    await using parley = await start(false);
    for (const look of LOOKS) {
      await using seen = await visit(browser, `${parley.url}/admin?section=models`, look);
      const { row, press } = tinyOf(seen.page);
      await press('Pull');
      await row.getByText('Downloads are turned off here (downloads.allowed): run "npx parley').waitFor();
      await expectClear(seen);
      expect(seen.problems).toEqual([]);
    }
    expect(await parley.files()).toEqual([]);
  });
});
