import { readdir, readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { modelAtRest } from '../model-at-rest.js';
import { describeInBrowser, FLOW_LOOKS, visit } from '../open-browser.js';
import { ask, modelButton, modelOption, withRealEngine } from './real-engine-parley.js';

/** Between two looks for a new process, in ms: far less than a model takes until it is loaded. */
const LOOK_MS = 5;

/** The processes that this one started: each loaded model has one. */
async function startedProcesses(): Promise<readonly number[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const told = await Promise.all(ids.map((id) => readFile(`/proc/${id}/status`, 'utf8').catch(() => '')));
  return ids.flatMap((id, index) =>
    new RegExp(`^PPid:\\s*${process.pid}$`, 'm').test(told[index] ?? '') ? [Number(id)] : [],
  );
}

/** @returns what waits for a further process, lets it stand still at once, and returns what lets it go on, as the test's end does */
async function holdNextEngine(): Promise<() => Promise<() => void>> {
  const before = new Set(await startedProcesses());
  const come = async () => (await startedProcesses()).filter((id) => !before.has(id));
  return async () => {
    await expect.poll(come, { interval: LOOK_MS }).not.toEqual([]);
    const held = await come();
    for (const id of held) process.kill(id, 'SIGSTOP');
    /** What it let go once may be gone the second time. */
    const release = () => {
      for (const id of held.splice(0)) process.kill(id, 'SIGCONT');
    };
    onTestFinished(release);
    return release;
  };
}

describeInBrowser('models of the engine itself', () => {
  const at = withRealEngine();

  const side = (page: Page, alias: string) => page.getByRole('region', { name: alias, exact: true });

  test.each(FLOW_LOOKS)(
    'are loaded with the first question, which the menu shows, and unloaded by the operator ($colorScheme, $width px)',
    async (look) => {
      await at.under.ask('Are you there?');
      await using seen = await visit(at.browser, at.under.url, look);
      const { page } = seen;
      const shells = modelOption(page, 'shells');
      await modelButton(page).click();
      await modelOption(page, 'tides').getByText('Ready: it is loaded.').waitFor();
      await shells.getByText('Ready: it is loaded with the first question to it.').waitFor();
      await shells.click();
      const hold = await holdNextEngine();
      const [release] = await Promise.all([hold(), ask(page, 'What lies on the sand?')]);
      await modelButton(page).click();
      await shells.getByText(/^Loading/).waitFor();
      expect(await seen.findBarriers()).toEqual([]);
      release();
      await shells.getByText('Ready: it is loaded.').waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Good answer' }).waitFor();
      await expect.poll(() => page.locator('.reply strong').textContent()).toBe('wet');
      await expect.poll(() => page.locator('.turn-facts li').first().textContent()).toBe('shells');

      await page.goto(`${at.under.url}/admin?section=models`);
      const row = page.getByRole('row').filter({ has: page.getByText('shells', { exact: true }) });
      await modelAtRest(at.under.url, 'shells');
      await row.getByRole('button', { name: 'Unload shells' }).click();
      await row.getByText('On disk').waitFor();
      expect(seen.problems).toEqual([]);
    },
  );

  test.each(FLOW_LOOKS)(
    'stream beside each other, and stop one by one ($colorScheme, $width px)',
    async (look) => {
      await using seen = await visit(at.browser, `${at.under.url}/compare?first=waves&second=gulls`, look);
      const { page } = seen;
      await ask(page, 'What is it like by the sea?');
      const waves = side(page, 'waves');
      const gulls = side(page, 'gulls');
      await waves.getByText('Waves come and go').waitFor();
      await gulls.getByText('Gulls fly past').waitFor();
      const lengths = async () =>
        Promise.all(
          [waves, gulls].map(async (one) => (await one.locator('.markdown').textContent())?.length ?? 0),
        );
      const grown = async (than: readonly number[]) =>
        (await lengths()).map((length, index) => length > (than[index] ?? 0));
      const before = await lengths();
      await expect.poll(() => grown(before)).toEqual([true, true]);
      await page.getByRole('button', { name: 'Stop gulls' }).click();
      await gulls.getByText('Stopped.').waitFor();
      const then = await lengths();
      await expect.poll(() => grown(then)).toEqual([true, false]);
      await page.getByRole('button', { name: 'Stop', exact: true }).click();
      await waves.getByText('Stopped.').waitFor();
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      expect(await seen.findBarriers()).toEqual([]);
      expect(seen.problems).toEqual([]);
    },
  );

  test.each(FLOW_LOOKS)('are compared by speed and by who asks ($colorScheme, $width px)', async (look) => {
    await using seen = await visit(at.browser, `${at.under.url}/compare?first=tides&second=shells`, look);
    const { page } = seen;
    await ask(page, 'What is it like by the sea?');
    const better = page.getByRole('button', { name: 'This one is better: shells' });
    await better.click();
    await page.getByRole('button', { name: 'This one is better: shells', pressed: true }).waitFor();
    await expect.poll(() => side(page, 'tides').locator('em').textContent()).toBe('Moon');
    await expect.poll(() => side(page, 'shells').locator('strong').textContent()).toBe('wet');
    for (const alias of ['tides', 'shells']) {
      await expect
        .poll(() => side(page, alias).locator('.turn-facts li').allTextContents())
        .toEqual([
          alias,
          expect.stringMatching(/^[1-9]\d* tokens$/),
          expect.stringMatching(/^[\d.]+ tokens\/s$/),
          expect.stringMatching(/^first after [\d.]+ m?s$/),
        ]);
    }
    await page.reload();
    await page.getByRole('button', { name: 'This one is better: shells', pressed: true }).waitFor();
    expect(await seen.findBarriers()).toEqual([]);
    expect(seen.problems).toEqual([]);
  });

  test.each(FLOW_LOOKS)('are in the numbers with their speed ($colorScheme, $width px)', async (look) => {
    await at.under.ask('Why are there tides?');
    await using seen = await visit(at.browser, `${at.under.url}/numbers`, look);
    const { page } = seen;
    const models = page.getByRole('region', { name: 'Models, as a table' });
    const row = models.getByRole('row').filter({ hasText: 'tides' });
    await row.waitFor();
    const speed = await models.getByRole('columnheader').allTextContents();
    await expect
      .poll(() => row.locator('th, td').nth(speed.indexOf('Tokens/s')).textContent())
      .toMatch(/^[1-9]/);
    for (const title of ['Time to first token', 'Time to first visible text', 'Speed']) {
      const figure = page.getByRole('region', { name: title, exact: true });
      await figure.getByText('As a table').click();
      const today = figure.getByRole('row').last().getByRole('cell');
      expect(await today.first().textContent(), title).toMatch(/^\d/);
    }
    expect(await seen.findBarriers()).toEqual([]);
    expect(seen.problems).toEqual([]);
  });
});
