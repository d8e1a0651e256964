import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeScriptedModel } from '../../doubles/gguf/models.js';
import { ModelHub, sha256 } from '../../doubles/model-hub/model-hub.js';
import { startUnderTest } from '../../end-to-end/parley-under-test.js';
import { expectClear } from '../expect-clear.js';
import { describeInBrowser, FLOW_LOOKS, visit } from '../open-browser.js';
import { SETUP_MS, withBrowser } from '../with-browser.js';

describeInBrowser('a model’s file', () => {
  const at = withBrowser();
  let hub: ModelHub;
  let folder: string;
  let bytes: Buffer;
  beforeAll(async () => {
    [hub, folder] = await Promise.all([ModelHub.start(), mkdtemp(path.join(tmpdir(), 'parley-pulls-'))]);
    const file = path.join(folder, 'tiny.gguf');
    writeScriptedModel(file, { reply: 'Tiny answers.' });
    bytes = await readFile(file);
    hub.put('tiny.gguf', bytes);
  }, SETUP_MS);
  afterAll(async () => {
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

  describe('where downloads are allowed', () => {
    let parley: Awaited<ReturnType<typeof start>>;
    beforeAll(async () => {
      parley = await start(true);
    }, SETUP_MS);
    afterAll(() => parley?.[Symbol.asyncDispose]());

    test.each(FLOW_LOOKS)(
      'is pulled, cancelled on the way, found damaged, pulled again and deleted ($colorScheme, $width px)',
      async (look) => {
        await using seen = await visit(at.browser, `${parley.url}/admin?section=models`, look);
        const { page } = seen;
        const { row, press } = tinyOf(page);
        await row.getByText('Not here').waitFor();
        hub.faults.push({ type: 'stall', after: Math.floor(bytes.length / 4) });
        await press('Pull');
        await page.getByRole('status').getByText('Pull tiny: ordered.').waitFor();
        await row.getByText('Downloading').waitFor();
        await row.getByText(/2[45] %$/).waitFor();
        await row.getByRole('progressbar', { name: 'Progress of tiny' }).waitFor();
        await expectClear(seen);
        await press('Cancel');
        await page.getByRole('status').getByText('Cancel tiny: ordered.').waitFor();
        await row.getByText('Not here').waitFor();
        const had = hub.sent;
        await press('Pull');
        await row.getByText('On disk').waitFor();
        // Half a download is gone on with.
        expect(hub.sent - had).toBeLessThan(bytes.length);

        const [file = ''] = await parley.files();
        // Its head stays whole, so that it is still known for what it is.
        const rotten = Buffer.from(bytes).fill('x', bytes.length - 100);
        await writeFile(path.join(parley.models, file), rotten);
        await press('Check');
        await row.getByText(/is damaged: .+: pull it again\.$/).waitFor();
        await row.getByText('Failed', { exact: true }).waitFor();
        await expectClear(seen);
        await press('Pull');
        await row.getByText('On disk').waitFor();
        expect(await readFile(path.join(parley.models, file))).toEqual(bytes);

        await press('Delete');
        const dialog = page.getByRole('dialog', { name: 'Delete tiny?' });
        await dialog.getByRole('button', { name: 'Cancel' }).click();
        await dialog.waitFor({ state: 'hidden' });
        expect(await parley.files()).toHaveLength(1);
        await press('Delete');
        await dialog.getByText('cannot answer with it until it is pulled again').waitFor();
        await expectClear(seen);
        await dialog.getByRole('button', { name: 'Delete' }).click();
        await dialog.waitFor({ state: 'hidden' });
        await row.getByText('Not here').waitFor();
        expect(await parley.files()).toEqual([]);
        expect(seen.problems).toEqual([]);
      },
    );
  });

  test('is not pulled where downloads are turned off, which is told with what to do', async () => {
    await using parley = await start(false);
    for (const look of FLOW_LOOKS) {
      await using seen = await visit(at.browser, `${parley.url}/admin?section=models`, look);
      const { row, press } = tinyOf(seen.page);
      await press('Pull');
      await row.getByText('Downloads are turned off here (downloads.allowed): run "npx parley').waitFor();
      await expectClear(seen);
      expect(seen.problems).toEqual([]);
    }
    expect(await parley.files()).toEqual([]);
  });
});
