import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LogExportReport } from '../../../src/domain/log-export-report.js';
import { localReports } from '../../../src/exchange/local-reports.js';
import { FakeClock } from '../../doubles/clocks/fake-clock.js';
import { noAdministration } from '../../unit/adapters/web/no-administration.js';
import { openWeb } from '../../unit/adapters/web/open-web.js';
import { expectClear } from '../expect-clear.js';
import { describeInBrowser, FLOW_LOOKS, LOOKS, visit } from '../open-browser.js';
import { SETUP_MS, withBrowser } from '../with-browser.js';
import { HOSTILE } from './operator.js';

const AT = Date.UTC(2026, 10, 21, 8);
const TTL_MS = 1_000;
const WORKERS = ['host-7/12', 'host-8/31'] as const;
const NEW: LogExportReport = { origin: 'https://logs.example', lastSuccessAt: null, lastFailure: null };

describeInBrowser('what every process tells of itself', () => {
  const at = withBrowser();
  let web: Awaited<ReturnType<typeof openWeb>>;
  const reports = localReports(new FakeClock());
  beforeAll(async () => {
    const administration = {
      ...noAdministration(),
      reports,
      platforms: [
        { platform: 'discord', variables: 'DISCORD_TOKEN', hasToken: true },
        { platform: 'slack', variables: 'SLACK_BOT_TOKEN', hasToken: true },
      ],
    } as const;
    web = await openWeb({ administration });
  }, SETUP_MS);
  afterAll(() => web?.close());

  const open = (section: string, look: (typeof LOOKS)[number]) =>
    visit(at.browser, `${web.url}/admin?section=${section}`, look);
  /** As somebody does who comes back to the page. */
  const comeBack = (page: Page) => page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");

  test.each(LOOKS)(
    'of each platform: how it stands, how far it reaches, what it lacks ($colorScheme, $width px)',
    async (look) => {
      for (const gateway of ['gateway-1', 'gateway-2']) await reports.platforms.withdraw(gateway);
      await using seen = await open('platforms', look);
      const { page } = seen;
      const card = (name: string) =>
        page.getByRole('listitem').filter({ has: page.getByRole('heading', { name }) });
      await card('Discord').getByText('No gateway is running: start one').waitFor();
      await card('Discord').getByText('Not connected').waitFor();
      const discord = { platform: 'discord', detail: '', missing: [], reach: 1_200 } as const;
      const missing = [`Its token lacks the scope ${HOSTILE}: add it, then install the app again.`];
      const slack = { platform: 'slack', missing, reach: null } as const;
      const detail = 'The token is not valid: set SLACK_BOT_TOKEN anew.';
      await reports.platforms.report(
        'gateway-1',
        [
          { ...discord, state: 'connected' },
          { ...slack, state: 'failed', detail },
        ],
        TTL_MS,
      );
      await reports.platforms.report('gateway-2', [{ ...discord, state: 'resuming' }], TTL_MS);
      await comeBack(page);
      await card('Discord').getByText('Connected', { exact: true }).waitFor();
      await card('Discord').getByText('Resuming', { exact: true }).waitFor();
      await card('Discord').getByText('Servers it is in: 2,400.').waitFor();
      await card('Slack').getByText('Failed', { exact: true }).waitFor();
      await card('Slack').getByText(detail).waitFor();
      await card('Slack')
        .getByRole('listitem')
        .getByText(missing[0] ?? '')
        .waitFor();
      await expect.poll(() => page.getByText('Not connected').count()).toBe(0);
      expect(await page.evaluate('window.ran')).toBeUndefined();
      await expectClear(seen);
      await reports.platforms.withdraw('gateway-2');
      await comeBack(page);
      await card('Discord').getByText('Resuming', { exact: true }).waitFor({ state: 'detached' });
      expect(seen.problems).toEqual([]);
    },
  );

  test.each(FLOW_LOOKS)(
    'of posted logs: nobody posts, nothing yet, posted, failing and why ($colorScheme, $width px)',
    async (look) => {
      for (const worker of WORKERS) await reports.logExports.withdraw(worker);
      await using seen = await open('log-export', look);
      const { page } = seen;
      await page.getByText('Nothing is posted: set LOGGING_URL').waitFor();
      const [one, two] = WORKERS.map((name) =>
        page.getByRole('listitem').filter({ hasText: `Worker ${name}` }),
      );
      const [first, second] = WORKERS;
      await reports.logExports.report(first, NEW, TTL_MS);
      await reports.logExports.report(second, { ...NEW, lastSuccessAt: AT }, TTL_MS);
      await comeBack(page);
      await one?.getByText('Nothing to post yet').waitFor();
      await one?.getByText('Last posted: not yet').waitFor();
      await two?.getByText('Posted', { exact: true }).waitFor();
      await two?.getByText('To https://logs.example', { exact: true }).waitFor();
      await expect.poll(() => two?.locator('time').getAttribute('datetime')).toBe(new Date(AT).toISOString());
      await expect.poll(() => page.getByText('Last failure').count()).toBe(0);
      await expect.poll(() => page.getByText('See that this address').count()).toBe(0);
      const lastFailure = { at: AT + 60_000, reason: 'LOGGING_URL cannot be reached' };
      await reports.logExports.report(second, { ...NEW, lastSuccessAt: AT, lastFailure }, TTL_MS);
      await comeBack(page);
      await two?.getByText('Failing', { exact: true }).waitFor();
      await two?.getByText(/Last failure, .+: LOGGING_URL cannot be reached/).waitFor();
      await two?.getByText('See that this address takes posts').waitFor();
      await expectClear(seen);
      await page.route('**/api/admin/log-export', (route) => route.abort(), { times: 1 });
      await comeBack(page);
      await page.getByRole('alert').getByText('check that it is running').waitFor();
      await two?.getByText('Failing', { exact: true }).waitFor();
      expect(seen.problems.filter((problem) => !problem.includes('ERR_FAILED'))).toEqual([]);
    },
  );
});
