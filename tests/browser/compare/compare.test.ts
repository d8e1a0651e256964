import type { Page } from 'playwright-core';
import { beforeEach, expect, test } from 'vitest';
import { type Answer, answer, errorReply, type Reply } from '../../doubles/model-server/reply.js';
import { describeInBrowser, FLOW_LOOKS, LOOKS, visit } from '../open-browser.js';
import { withScriptedParley } from '../scripted-parley.js';
import { expectUsable, otherProblems } from '../usable.js';

/** What a poll may take, in ms, on a busy machine. */
const SOON = { timeout: 40_000 };
const hanging = (text: string): Answer => answer(text, { break: { afterTokens: 2, how: { kind: 'hang' } } });

describeInBrowser('two models beside each other', () => {
  const at = withScriptedParley();
  /** What the two models say next, by their names; the greeting of their own afterwards. */
  const said = new Map<string, Reply>();
  beforeEach(() => {
    said.clear();
    at.model.setScript(({ model: name }) => said.get(name) ?? `I am **${name}**.`);
  });

  const ask = async (page: Page, question: string) => {
    await page.getByLabel('Your message').fill(question);
    await page.keyboard.press('Enter');
  };
  const side = (page: Page, alias: string) => page.getByRole('region', { name: alias, exact: true });

  test.each(LOOKS)('answer the same question, and are judged ($colorScheme, $width px)', async (look) => {
    await using seen = await visit(at.browser, `${at.under.url}/compare`, look);
    const { page } = seen;
    await page.getByLabel('Your message').waitFor();
    await expect.poll(() => page.getByLabel('First model').inputValue()).toBe('hosted');
    await expect.poll(() => page.getByLabel('Second model').inputValue()).toBe('other');
    await expectUsable(seen);
    said.set('scripted', answer('One two three.', { paceMs: 5 }));
    await ask(page, 'Who are you?');
    await side(page, 'hosted').getByText('One two three.').waitFor();
    await side(page, 'other').locator('strong', { hasText: 'second' }).waitFor();
    await side(page, 'hosted').getByText('3 tokens', { exact: true }).waitFor();
    await side(page, 'hosted')
      .getByText(/tokens\/s/)
      .waitFor();
    await side(page, 'other')
      .getByText(/first after/)
      .waitFor();
    await page.getByRole('button', { name: 'This one is better: other' }).click();
    await page.getByRole('button', { name: 'This one is better: other', pressed: true }).waitFor();
    await expectUsable(seen);
    expect(seen.problems).toEqual([]);
  });

  test.each(FLOW_LOOKS)(
    'keep the verdict with both answers, and take it back ($colorScheme, $width px)',
    async (look) => {
      await using seen = await visit(at.browser, `${at.under.url}/compare`, look);
      const { page } = seen;
      await ask(page, 'Which is better?');
      await page.getByRole('button', { name: 'This one is better: hosted' }).click();
      await page.getByRole('button', { name: 'This one is better: hosted', pressed: true }).waitFor();
      const votes = async () => {
        const query = new URL(page.url()).searchParams;
        const read = async (name: string) => {
          const id = query.get(`${name}_conversation`);
          const response = await fetch(`${at.under.url}/api/conversations/${id}?user_id=${seen.user}`);
          const { turns } = (await response.json()) as { turns: { vote: number; comment: string }[] };
          return turns.map(({ vote, comment }) => [vote, comment]);
        };
        return [...(await read('first')), ...(await read('second'))];
      };
      await expect.poll(votes, SOON).toEqual([
        [1, 'compared with other'],
        [-1, 'compared with hosted'],
      ]);
      await page.reload();
      await page.getByRole('button', { name: 'This one is better: hosted', pressed: true }).click();
      await page.getByRole('button', { name: 'This one is better: hosted', pressed: false }).waitFor();
      await expect.poll(votes, SOON).toEqual([
        [null, null],
        [null, null],
      ]);
      await page.getByRole('button', { name: 'Both are bad' }).click();
      await page.getByRole('button', { name: 'Both are bad', pressed: true }).waitFor();
      await expectUsable(seen);
      expect(seen.problems).toEqual([]);
    },
  );

  test.each(FLOW_LOOKS)(
    'stream together, go on after a reload, and are stopped one by one or both ($colorScheme, $width px)',
    async (look) => {
      said.set('scripted', hanging('One two three.'));
      said.set('second', hanging('Uno dos tres.'));
      await using seen = await visit(at.browser, `${at.under.url}/compare`, look);
      const { page } = seen;
      await ask(page, 'Count.');
      await side(page, 'hosted').getByText('One two').waitFor();
      await side(page, 'other').getByText('Uno dos').waitFor();
      await page.reload();
      await side(page, 'hosted').getByText('One two').waitFor();
      await side(page, 'other').getByText('Uno dos').waitFor();
      await expectUsable(seen);
      await page.getByRole('button', { name: 'Stop other' }).click();
      await side(page, 'other').getByText('Stopped.').waitFor();
      expect(await side(page, 'hosted').getByText('Stopped.').count()).toBe(0);
      await page.getByRole('button', { name: 'Stop', exact: true }).click();
      await side(page, 'hosted').getByText('Stopped.').waitFor();
      expect(await page.getByRole('button', { name: 'Both are good' }).count()).toBe(0);
      said.clear();
      await ask(page, 'And who are you?');
      await page.getByRole('button', { name: 'Both are good' }).waitFor();
      await side(page, 'other, question 2').locator('strong', { hasText: 'second' }).waitFor();
      await expectUsable(seen);
      const asked = at.model.requests
        .slice(-2)
        .map(({ body }) => body.messages.map(({ content }) => content));
      for (const contents of asked) expect(contents.join(' ')).toMatch(/Count\..*And who are you\?/s);
      expect(seen.problems).toEqual([]);
    },
  );

  test.each(FLOW_LOOKS)(
    'are chosen, also the same one twice, and named in the address ($colorScheme, $width px)',
    async (look) => {
      await using seen = await visit(at.browser, `${at.under.url}/compare?first=other`, look);
      const { page } = seen;
      await page.getByLabel('Your message').waitFor();
      await expect.poll(() => page.getByLabel('Second model').inputValue()).toBe('hosted');
      await page.getByLabel('Second model').selectOption('other');
      expect(new URL(page.url()).search).toBe('?first=other&second=other');
      await ask(page, 'Who are you?');
      await side(page, 'other (first)').locator('strong', { hasText: 'second' }).waitFor();
      await side(page, 'other (second)').locator('strong', { hasText: 'second' }).waitFor();
      await expectUsable(seen);
      await page.getByRole('button', { name: 'New comparison' }).click();
      await page.getByText('One question, two models').waitFor();
      expect(new URL(page.url()).search).toBe('?first=other&second=other');
      expect(seen.problems).toEqual([]);
    },
  );

  test.each(FLOW_LOOKS)(
    'say what went wrong on the side where it did ($colorScheme, $width px)',
    async (look) => {
      said.set('second', errorReply(401, { message: 'no' }));
      await using seen = await visit(at.browser, `${at.under.url}/compare`, look);
      const { page } = seen;
      await ask(page, 'Hello?');
      const problem = side(page, 'other').locator('.problem');
      await problem.waitFor();
      await expect.poll(() => problem.textContent()).toMatch(/^[A-Z].{20,}\.$/s);
      await side(page, 'hosted').locator('strong', { hasText: 'scripted' }).waitFor();
      expect(await page.getByRole('button', { name: 'This one is better' }).count()).toBe(0);
      await expectUsable(seen);
      said.clear();
      await side(page, 'other').getByRole('button', { name: 'Answer again' }).click();
      await side(page, 'other').locator('strong', { hasText: 'second' }).waitFor();
      await page.getByRole('button', { name: 'This one is better: other' }).waitFor();
      expect(seen.problems).toEqual([]);
    },
  );

  test.each(FLOW_LOOKS)(
    'give a question back that arrived nowhere ($colorScheme, $width px)',
    async (look) => {
      await using seen = await visit(at.browser, `${at.under.url}/compare`, look);
      const { page } = seen;
      await page.getByLabel('Your message').waitFor();
      await page.route('**/api/question', (route) => route.abort());
      await ask(page, 'Do you hear me?');
      await side(page, 'hosted').getByText('Parley cannot be reached').waitFor();
      await expectUsable(seen);
      await side(page, 'other').getByRole('button', { name: 'Edit the question' }).click();
      await expect.poll(() => page.getByLabel('Your message').inputValue()).toBe('Do you hear me?');
      await expect.poll(() => page.locator('.round').count()).toBe(0);
      expect(otherProblems(seen)).toEqual([]);
    },
  );

  test.each(FLOW_LOOKS)('need two models ($colorScheme, $width px)', async (look) => {
    await using seen = await visit(at.browser, at.under.url, look);
    const { page } = seen;
    await page.getByLabel('Your message').waitFor();
    const { models } = (await (await fetch(`${at.under.url}/api/models`)).json()) as { models: object[] };
    await page.route('**/api/models', (route) => route.fulfill({ json: { models: models.slice(0, 1) } }));
    await page.getByRole('link', { name: 'Compare', exact: true }).click();
    await page.getByText('Only one model is set up here').waitFor();
    await expect.poll(() => page.getByLabel('Your message').count()).toBe(0);
    await expectUsable(seen);
    expect(seen.problems).toEqual([]);
  });
});
