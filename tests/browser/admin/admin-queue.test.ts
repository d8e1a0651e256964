import { beforeAll, expect, test } from 'vitest';
import { splitTokens } from '../../doubles/model-server/reply.js';
import { expectClear } from '../expect-clear.js';
import { describeInBrowser, FLOW_LOOKS, LOOKS, visit } from '../open-browser.js';
import { withOwnParley } from '../scripted-parley.js';
import { SETUP_MS } from '../with-browser.js';
import { OPERATOR_KEY, operatorCookies } from './operator.js';

const HUNG = {
  tokens: splitTokens('Nothing at all.'),
  break: { afterTokens: 1, how: { kind: 'hang' } },
} as const;

describeInBrowser('the queue', () => {
  let cookies: Awaited<ReturnType<typeof operatorCookies>>;
  const parley = withOwnParley({ env: { PARLEY_API_KEY: OPERATOR_KEY } });
  beforeAll(async () => {
    cookies = await operatorCookies(parley.under.url);
  }, SETUP_MS);

  test.each(FLOW_LOOKS)(
    'shows what failed and why, and has it answered again ($colorScheme, $width px)',
    async (look) => {
      const { browser, model, under } = parley;
      const by = { user_id: `eve-${look.width}`, conversation_id: `lost-${look.width}` };
      model.next({ fault: 'answer', status: 401, body: '{"error":{"message":"no"}}' });
      await order('/api/question', { question: 'What is lost?', ...by });
      await using seen = await visit(browser, `${under.url}/admin?section=queue`, look, cookies);
      const { page } = seen;
      await page.getByText('Nothing waits.').waitFor();
      await page.getByRole('link', { name: 'Failed 1' }).click();
      const row = page.getByRole('row', { name: by.user_id });
      await row.getByText('provider-rejected').waitFor();
      expect(await page.getByText('What is lost?').count()).toBe(0);
      await page.getByLabel('Show what was asked').check();
      await row.getByText('What is lost?').waitFor();
      await expectClear(seen);

      await page.route('**/retry', (route) => route.abort(), { times: 1 });
      const retry = row.getByRole('button', { name: /^Retry turn \d+$/ });
      await retry.click();
      await page.getByRole('alert').getByText('check that it is running').waitFor();
      model.next(HUNG);
      await retry.click();
      const said = page.getByRole('status').getByText('waits to be answered again');
      await said.waitFor();
      const id = /\d+/.exec((await said.textContent()) ?? '')?.[0] ?? '';
      await page.getByRole('link', { name: 'Running 1' }).click();
      await row.waitFor();
      await page.getByRole('columnheader', { name: 'Started' }).waitFor({ state: 'attached' });
      await page.getByRole('link', { name: 'Failed 0' }).waitFor();
      await expectClear(seen);
      await order(`/api/turns/${id}/stop`, by);
      await page.getByText('Nothing is being answered.').waitFor();
      expect(seen.problems.filter((problem) => !problem.includes('ERR_FAILED'))).toEqual([]);
    },
  );

  test.each(LOOKS)('shows what waits behind what runs ($colorScheme, $width px)', async (look) => {
    const { browser, model, under } = parley;
    const [ann, bob] = ['ann', 'bob'].map((user) => ({
      user_id: `${user}-${look.width}`,
      conversation_id: `talk-${look.width}`,
    }));
    const before = model.requests.length;
    model.next(HUNG);
    const asked = [order('/api/question', { question: 'First?', ...ann })];
    await model.request(before + 1);
    asked.push(order('/api/question', { question: 'Then?', ...bob }));
    await using seen = await visit(browser, `${under.url}/admin?section=queue`, look, cookies);
    const { page } = seen;
    await page.getByRole('row', { name: `bob-${look.width}` }).waitFor();
    await page.getByRole('link', { name: 'Waiting 1' }).waitFor();
    await expectClear(seen);
    await page.getByRole('link', { name: 'Running 1' }).click();
    const first = page.getByRole('row', { name: `ann-${look.width}` });
    const id = (await first.getByRole('cell').first().textContent()) ?? '';
    await order(`/api/turns/${id}/stop`, { ...ann });
    await Promise.all(asked);
    await page.getByRole('link', { name: 'Waiting 0' }).waitFor();
    expect(seen.problems).toEqual([]);
  });

  test('asks for news while somebody looks, and not behind their back', async () => {
    await using seen = await visit(parley.browser, parley.under.url, LOOKS[0], cookies);
    const { page } = seen;
    let asked = 0;
    page.on('request', (request) => {
      if (request.url().includes('/api/admin/queue')) asked += 1;
    });
    await page.clock.install();
    const answer = () => page.waitForResponse((response) => response.url().includes('/api/admin/queue'));
    const first = answer();
    await page.goto(`${parley.under.url}/admin?section=queue`);
    await first;
    for (let refresh = 0; refresh < 2; refresh++) {
      const next = answer();
      await page.clock.runFor(3_000);
      await next;
    }
    await page.evaluate(
      `Object.defineProperty(document, 'visibilityState', { configurable: true, value: 'hidden' })`,
    );
    const before = asked;
    await page.clock.runFor(60_000);
    expect(asked).toBe(before);
    const back = answer();
    await page.evaluate(
      `delete document.visibilityState; document.dispatchEvent(new Event('visibilitychange'))`,
    );
    await back;
    expect(seen.problems).toEqual([]);
  });

  async function order(path: string, body: object): Promise<void> {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${OPERATOR_KEY}` };
    await fetch(parley.under.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  }
});
