import { expect, test } from 'vitest';
import { splitTokens } from '../../doubles/model-server/reply.js';
import { describeInBrowser, FLOW_LOOKS, LOOKS, visit } from '../open-browser.js';
import { withScriptedParley } from '../scripted-parley.js';
import { expectUsable, otherProblems } from '../usable.js';

const RICH = `## Falling

A stone falls by $s = \\frac{1}{2} g t^2$, and costs $5 or $10.

| after | fallen |
| --- | --- |
| 1 s | 4.9 m |

\`\`\`python
def fallen(t: float) -> float:
    return 9.81 / 2 * t ** 2  # metres
\`\`\`

See [more](https://example.org/falling).`;

const HOSTILE = `<script>window.ran = 1</script><img src=x onerror="window.ran = 2">

[press](javascript:window.ran=3) ![x](https://example.org/x.png) <a href="data:text/html,x">y</a>

<svg onload="window.ran=4"></svg> <iframe src="https://example.org"></iframe> <style>body{display:none}</style>

$\\href{javascript:window.ran=5}{x}$

\`\`\`html
</code></pre><script>window.ran = 6</script>
\`\`\``;

describeInBrowser('the chat', () => {
  const at = withScriptedParley();

  test.each(LOOKS)('answers, with nothing in the way of anybody ($colorScheme, $width px)', async (look) => {
    await using seen = await visit(at.browser, at.under.url, look);
    const { page } = seen;
    await page.getByLabel('Your message').waitFor();
    expect(await seen.findBarriers()).toEqual([]);
    at.model.next(RICH);
    await page.keyboard.press('Tab');
    await page.getByLabel('Your message').fill('How does a stone fall?');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Good answer' }).waitFor();
    await page.locator('.hljs-keyword').first().waitFor();
    await page.locator('math mfrac').waitFor();
    await expect.poll(() => page.getByText('costs $5 or $10').count()).toBe(1);
    await expect.poll(() => page.getByRole('cell', { name: '4.9 m' }).count()).toBe(1);
    await expect
      .poll(() => page.getByRole('link', { name: 'more' }).getAttribute('rel'))
      .toBe('noopener noreferrer');
    await expectUsable(seen);
    expect(seen.problems).toEqual([]);
  });

  test('runs nothing that a model writes, and loads nothing it names', async () => {
    at.model.next(HOSTILE);
    await using seen = await visit(at.browser, at.under.url);
    const { page } = seen;
    await page.getByLabel('Your message').fill('<img src=x onerror="window.ran=7">');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Good answer' }).waitFor();
    await page.locator('math').waitFor();
    expect(await page.getByText('press').count()).toBe(1);
    expect(await page.getByRole('link', { name: 'press' }).count()).toBe(0);
    expect(await page.evaluate('window.ran')).toBeUndefined();
    const said = '.turn :is(.question > p, .reply)';
    expect(
      await page.locator(`${said} :is(script, img, iframe, svg, style, [onerror], [style])`).count(),
    ).toBe(0);
    expect(await page.locator('.turn a:not([href^="https://example.org/"])').count()).toBe(0);
    expect(seen.problems).toEqual([]);
  });

  test.each(FLOW_LOOKS)('stops an answer, and answers again ($colorScheme, $width px)', async (look) => {
    at.model.next({
      tokens: splitTokens('One two three four.'),
      break: { afterTokens: 2, how: { kind: 'hang' } },
    });
    await using seen = await visit(at.browser, at.under.url, look);
    const { page } = seen;
    await page.getByLabel('Your message').fill('Count.');
    await page.keyboard.press('Enter');
    await page.locator('.reply[aria-busy="true"]', { hasText: 'One' }).waitFor();
    await expectUsable(seen);
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('Stopped.').waitFor();
    expect((await page.locator('.reply .markdown').textContent())?.trim()).toBe('One two');
    at.model.next('Five.');
    await page.getByRole('button', { name: 'Answer again' }).click();
    await page.locator('.reply', { hasText: 'Five.' }).waitFor();
    await page.getByRole('button', { name: 'Good answer' }).waitFor();
    await expect.poll(() => page.getByText('Stopped.').count()).toBe(0);
    await page.reload();
    await page.locator('.reply', { hasText: 'Five.' }).waitFor();
    await expect.poll(() => page.locator('.turn').count()).toBe(1);
    expect(seen.problems).toEqual([]);
  });

  test.each(FLOW_LOOKS)('goes on with an answer after a reload ($colorScheme, $width px)', async (look) => {
    let goOn = () => {};
    const until = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    at.model.next({ tokens: splitTokens('One two three four.'), pause: { afterTokens: 2, until } });
    await using seen = await visit(at.browser, at.under.url, look);
    const { page } = seen;
    await page.getByLabel('Your message').fill('Count.');
    await page.keyboard.press('Enter');
    await page.locator('.reply', { hasText: 'One two' }).waitFor();
    await page.reload();
    await page.locator('.reply[aria-busy="true"]', { hasText: 'One two' }).waitFor();
    await page.getByRole('button', { name: 'Stop' }).waitFor();
    goOn();
    await page.getByRole('button', { name: 'Good answer' }).waitFor();
    await expectUsable(seen);
    expect((await page.locator('.reply .markdown').textContent())?.trim()).toBe('One two three four.');
    await expect.poll(() => page.getByRole('button', { name: 'Stop' }).count()).toBe(0);
    expect(seen.problems).toEqual([]);
  });

  test.each(FLOW_LOOKS)('says what is answered before ($colorScheme, $width px)', async (look) => {
    let goOn = () => {};
    const until = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const id = `busy-${look.width}`;
    await using seen = await visit(at.browser, `${at.under.url}/?conversation=${id}`, look);
    const { page } = seen;
    await page.getByText('What would you like to know?').waitFor();
    at.model.next({ tokens: splitTokens('The first.'), pause: { afterTokens: 1, until } }, 'The second.');
    const asked = at.model.requests.length;
    const elsewhere = at.under.ask('One?', { conversation_id: id, user_id: seen.user });
    await at.model.request(asked + 1);
    await page.getByLabel('Your message').fill('Two?');
    await page.keyboard.press('Enter');
    await page.getByText('One answer comes before.').waitFor();
    goOn();
    await page.getByRole('button', { name: 'Good answer' }).waitFor();
    expect((await page.locator('.reply .markdown').textContent())?.trim()).toBe('The second.');
    await expectUsable(seen);
    await elsewhere;
    expect(otherProblems(seen)).toEqual([]);
  });

  test('comes in less than 200 kB', async () => {
    await using seen = await visit(at.browser, at.under.url);
    await seen.page.getByLabel('Your message').waitFor();
    const sizes = 'performance.getEntries().map(({ transferSize }) => transferSize ?? 0)';
    const bytes = ((await seen.page.evaluate(sizes)) as number[]).reduce((sum, size) => sum + size, 0);
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThan(200_000);
  });

  test.each(FLOW_LOOKS)('says what to do when an answer fails ($colorScheme, $width px)', async (look) => {
    at.model.next({ fault: 'answer', status: 401, body: '{"error":{"message":"no"}}' });
    await using seen = await visit(at.browser, at.under.url, look);
    const { page } = seen;
    await page.getByLabel('Your message').fill('Hello?');
    await page.keyboard.press('Enter');
    await page.locator('.reply .problem').waitFor();
    await expect.poll(() => page.locator('.reply .problem').textContent()).toMatch(/^[A-Z].{20,}\.$/s);
    await expectUsable(seen);
    at.model.next('Now I do.');
    await page.getByRole('button', { name: 'Answer again' }).click();
    await page.locator('.reply', { hasText: 'Now I do.' }).waitFor();
    await expect.poll(() => page.locator('.reply .problem').count()).toBe(0);
    expect(seen.problems).toEqual([]);
  });

  test.each(FLOW_LOOKS)(
    'says that a question is too long, and gives it back ($colorScheme, $width px)',
    async (look) => {
      await using seen = await visit(at.browser, at.under.url, look);
      const { page } = seen;
      const message = page.getByLabel('Your message');
      await message.fill('   ');
      await page.keyboard.press('Enter');
      await message.fill('One line');
      await page.keyboard.press('Shift+Enter');
      await page.keyboard.type('and another');
      await expect.poll(() => message.inputValue()).toBe('One line\nand another');
      expect(await page.locator('.turn').count()).toBe(0);
      await message.fill('words'.repeat(2_000));
      await page.keyboard.press('Enter');
      await page.getByText(/10000 characters; I can read up to 8000. Please shorten it/).waitFor();
      await expectUsable(seen);
      await page.getByRole('button', { name: 'Edit the question' }).click();
      await expect.poll(() => message.inputValue()).toHaveLength(10_000);
      expect(otherProblems(seen)).toEqual([]);
    },
  );
});
