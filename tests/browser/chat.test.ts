import { expect, test } from 'vitest';
import { splitTokens } from '../doubles/model-server/reply.js';
import { describeInBrowser, LOOKS, visit } from './open-browser.js';
import { withScriptedParley } from './scripted-parley.js';

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
    expect(await page.getByText('costs $5 or $10').count()).toBe(1);
    expect(await page.getByRole('cell', { name: '4.9 m' }).count()).toBe(1);
    expect(await page.getByRole('link', { name: 'more' }).getAttribute('rel')).toBe('noopener noreferrer');
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    expect(await seen.findBarriers()).toEqual([]);
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

  test('stops an answer, answers again, and keeps a vote', async () => {
    at.model.next({
      tokens: splitTokens('One two three four.'),
      break: { afterTokens: 2, how: { kind: 'hang' } },
    });
    await using seen = await visit(at.browser, at.under.url);
    const { page } = seen;
    await page.getByLabel('Your message').fill('Count.');
    await page.keyboard.press('Enter');
    await page.locator('.reply', { hasText: 'One' }).waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('Stopped.').waitFor();
    at.model.next('Five.');
    await page.getByRole('button', { name: 'Answer again' }).click();
    await page.locator('.reply', { hasText: 'Five.' }).waitFor();
    await page.getByRole('button', { name: 'Good answer' }).click();
    await page.getByRole('button', { name: 'Good answer', pressed: true }).waitFor();
    await page.reload();
    await page.locator('.reply', { hasText: 'Five.' }).waitFor();
    expect(seen.problems).toEqual([]);
  });

  test('goes on with an answer after a reload', async () => {
    at.model.next({
      tokens: splitTokens('One two three four.'),
      break: { afterTokens: 2, how: { kind: 'hang' } },
    });
    await using seen = await visit(at.browser, at.under.url);
    const { page } = seen;
    await page.getByLabel('Your message').fill('Count.');
    await page.keyboard.press('Enter');
    await page.locator('.reply', { hasText: 'One' }).waitFor();
    await page.reload();
    await page.locator('.reply', { hasText: 'One' }).waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('Stopped.').waitFor();
    expect(await page.locator('.reply', { hasText: 'One two' }).count()).toBe(1);
    expect(seen.problems).toEqual([]);
  });

  test('comes in less than 200 kB', async () => {
    await using seen = await visit(at.browser, at.under.url);
    await seen.page.getByLabel('Your message').waitFor();
    const sizes = 'performance.getEntries().map(({ transferSize }) => transferSize ?? 0)';
    const bytes = ((await seen.page.evaluate(sizes)) as number[]).reduce((sum, size) => sum + size, 0);
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThan(200_000);
  });

  test('says what to do when an answer fails', async () => {
    at.model.next({ fault: 'answer', status: 401, body: '{"error":{"message":"no"}}' });
    await using seen = await visit(at.browser, at.under.url);
    await seen.page.getByLabel('Your message').fill('Hello?');
    await seen.page.keyboard.press('Enter');
    await seen.page.locator('.reply .problem').waitFor();
    expect(await seen.page.locator('.reply .problem').textContent()).toMatch(/^[A-Z].{20,}\.$/s);
    await seen.page.getByRole('button', { name: 'Answer again' }).waitFor();
  });
});
