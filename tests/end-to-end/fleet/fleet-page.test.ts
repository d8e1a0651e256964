import { expect, test } from 'vitest';
import { describeInBrowser, openBrowser, visit } from '../../browser/open-browser.js';
import { startModelServer } from '../../doubles/model-server/model-server.js';
import { answer } from '../../doubles/model-server/reply.js';
import { testServers } from '../../fixtures/test-servers.js';
import { createParleyFleet } from './parley-fleet.js';

/** A minute of it. */
const AT_LENGTH = answer(Array.from({ length: 600 }, (_, i) => `word${i}`).join(' '), { paceMs: 100 });

if (testServers()) {
  describeInBrowser('the page of a web process', () => {
    test('shows what workers write, after a reload too, and goes on when one of them is killed', {
      timeout: 120_000,
    }, async () => {
      const server = await startModelServer();
      const fleet = await createParleyFleet({ modelServer: server });
      const browser = await openBrowser();
      try {
        const [doomed, web] = await Promise.all([fleet.start('worker'), fleet.start('web')]);
        await using seen = await visit(browser, web.url);
        const { page } = seen;
        page.setDefaultTimeout(40_000);
        server.setScript(() => AT_LENGTH);
        await page.getByLabel('Your message').fill('At length, please.');
        await page.keyboard.press('Enter');
        await page.locator('.reply', { hasText: 'word0 word1' }).waitFor();
        await page.reload();
        await page.locator('.reply', { hasText: 'word0 word1' }).waitFor();
        server.setScript(() => 'In short.');
        await fleet.start('worker');
        await doomed.end('SIGKILL');
        await page.locator('.reply', { hasText: 'In short.' }).waitFor();
        await page.getByRole('button', { name: 'Good answer' }).waitFor();
        expect(await page.locator('.reply', { hasText: 'word0' }).count()).toBe(0);
        expect(await page.locator('.turn').count()).toBe(1);
        expect(seen.problems).toEqual([]);
      } finally {
        await browser.close();
        await fleet.remove();
        await server.close();
      }
    });
  });
} else {
  test.skip('the page of a web process (needs DATABASE_URL and REDIS_URL)', () => {});
}
