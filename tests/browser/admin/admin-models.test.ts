import type { Route } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startUnderTest, type UnderTest } from '../../end-to-end/parley-under-test.js';
import { expectClear } from '../expect-clear.js';
import { modelAtRest } from '../model-at-rest.js';
import { describeInBrowser, FLOW_LOOKS, LOOKS, visit } from '../open-browser.js';
import { SETUP_MS, withBrowser } from '../with-browser.js';

const WORKER = 'host-7/12';
const MODEL = {
  description: 'For questions',
  runs: 'local',
  size_bytes: 1_234_567_890,
  context_window: 8_192,
  progress: null,
  problem: null,
  checked: null,
  doing: null,
  ordered: null,
  uses: 0,
  deletable: true,
  served: true,
};

/** One of each state that a model can be in. */
const EVERY_STATE = {
  not_taken: [{ worker: WORKER, alias: 'gone', action: 'load', problem: 'Nobody took it: give it again.' }],
  workers: [
    {
      worker: WORKER,
      started_at: '2026-11-21T08:00:00.000Z',
      models: [
        {
          ...MODEL,
          alias: 'loaded',
          state: 'loaded',
          checked: { at: '2026-11-21T09:00:00.000Z', ok: true, problem: null },
        },
        { ...MODEL, alias: 'resting', state: 'on-disk', served: false },
        { ...MODEL, alias: 'coming', state: 'pulling', doing: 'pull', progress: 0.427 },
        { ...MODEL, alias: 'waking', state: 'loading', doing: 'load', progress: 0.1 },
        {
          ...MODEL,
          alias: 'absent',
          state: 'missing',
          deletable: false,
          size_bytes: null,
          context_window: null,
        },
        {
          ...MODEL,
          alias: 'broken',
          state: 'failed',
          problem: 'Its file is damaged: delete it, then pull it again.',
        },
        { ...MODEL, alias: 'house', state: 'hosted', runs: 'hosted', deletable: false },
        { ...MODEL, alias: 'far', state: 'hosted', runs: 'hosted', deletable: false, ordered: 'check' },
      ],
    },
  ],
};

describeInBrowser('the models of every worker', () => {
  const at = withBrowser();
  let under: UnderTest;
  beforeAll(async () => {
    under = await startUnderTest();
  }, SETUP_MS);
  afterAll(() => under?.stop());

  test.each(LOOKS)('are shown in any state ($colorScheme, $width px)', async (look) => {
    await using seen = await visit(at.browser, under.url, look);
    const { page } = seen;
    await page.route('**/api/admin/models', (route: Route) => route.fulfill({ json: EVERY_STATE }));
    await page.goto(`${under.url}/admin?section=models`);
    await page.getByText('Load gone on host-7/12: Nobody took it').waitFor();
    const row = (alias: string) => page.getByRole('row', { name: alias, exact: false });
    await row('coming').getByText('42 %').waitFor();
    await row('far').getByText('Check: waits for the worker.').waitFor();
    await row('broken').getByText('delete it, then pull it again').waitFor();
    const buttons = async (alias: string) =>
      (await row(alias).getByRole('button').allTextContents()).join(' ');
    await expect.poll(() => buttons('loaded')).toBe('Unload Check Delete');
    await expect.poll(() => buttons('resting')).toBe('Check Delete');
    await expect.poll(() => buttons('coming')).toBe('Cancel');
    await expect.poll(() => buttons('waking')).toBe('');
    await expect.poll(() => buttons('absent')).toBe('Pull');
    await expect.poll(() => buttons('house')).toBe('');
    await expect.poll(() => buttons('broken')).toBe('Pull Check Load Delete');
    await expectClear(seen);
    await page.route('**/models/coming/cancel', (route: Route) => route.fulfill({ status: 202, json: {} }));
    const ordered = page.waitForRequest('**/api/admin/models/coming/cancel');
    await page.getByRole('button', { name: 'Cancel coming' }).click();
    expect((await ordered).postDataJSON()).toEqual({ worker: WORKER });
    await page.getByText('Cancel coming: ordered.').waitFor();
    expect(seen.problems).toEqual([]);
  });

  test.each(FLOW_LOOKS)(
    'are unloaded, loaded and checked where they run ($colorScheme, $width px)',
    async (look) => {
      await under.ask('Hello?');
      await using seen = await visit(at.browser, `${under.url}/admin?section=models`, look);
      const { page } = seen;
      const row = page.getByRole('row').filter({ has: page.getByRole('button', { name: /^Unload/ }) });
      const alias = (await row.locator('strong').textContent()) ?? '';
      const named = page.getByRole('row').filter({ has: page.getByText(alias, { exact: true }) });
      await modelAtRest(under.url, alias);
      await named.getByRole('button', { name: `Unload ${alias}` }).click();
      await page.getByRole('status').getByText(`Unload ${alias}: ordered.`).waitFor();
      await named.getByText('On disk').waitFor();
      await named.getByRole('button', { name: `Load ${alias}` }).click();
      await named.getByText('Loaded', { exact: true }).waitFor();
      await named.getByRole('button', { name: `Check ${alias}` }).click();
      await page.getByRole('status').getByText(`Check ${alias}: ordered.`).waitFor();
      await named.getByText('Found whole').waitFor();
      await expectClear(seen);
      expect(seen.problems).toEqual([]);
    },
  );
});
