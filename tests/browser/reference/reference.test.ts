import { beforeAll, expect, test } from 'vitest';
import { expectClear } from '../expect-clear.js';
import { describeInBrowser, FLOW_LOOKS, isTooWide, LOOKS, visit } from '../open-browser.js';
import { withScriptedParley } from '../scripted-parley.js';

type Json = Readonly<Record<string, unknown>>;

describeInBrowser('the reference of the API', () => {
  const at = withScriptedParley();
  let document: Json;
  beforeAll(async () => {
    document = (await (await fetch(`${at.under.url}/api/openapi.json`)).json()) as Json;
  });

  test.each(LOOKS)('has nothing in the way of anybody ($colorScheme, $width px)', async (look) => {
    await using seen = await visit(at.browser, `${at.under.url}/reference`, look);
    const { page } = seen;
    await page.getByRole('heading', { name: 'API', exact: true }).waitFor();
    await page.locator('.operation .code').first().waitFor();
    await page.locator('.errors summary').first().click();
    expect(await isTooWide(page)).toBe(false);
    // Of a page of thousands of elements axe looks at each: one look at all of it, the others at a part.
    if (look !== LOOKS[0]) await page.getByRole('searchbox', { name: 'Search' }).fill('askQuestion');
    if (look !== LOOKS[0]) await page.getByText('1 call', { exact: true }).waitFor();
    await expectClear(seen);
    expect(seen.problems).toEqual([]);
  });

  test('shows every call, with every parameter, field, answer and object of the document', async () => {
    await using seen = await visit(at.browser, `${at.under.url}/reference`);
    await seen.page.locator('.operation').first().waitFor();
    const shown = (await seen.page.evaluate(`Object.fromEntries(
      [...document.querySelectorAll('.operation')].map((article) => [article.id, {
        text: article.textContent,
        fields: [...article.querySelectorAll('.field')].map(({ textContent }) => textContent),
        statuses: [...article.querySelectorAll('.status')].map(({ textContent }) => textContent),
      }]))`)) as Record<string, { text: string; fields: string[]; statuses: string[] }>;
    expect((await seen.page.locator('.means').allTextContents()).join(' ')).not.toContain('`');
    const operations = operationsOf(document);
    expect(operations.length).toBeGreaterThan(20);
    for (const { path, method, operation } of operations) {
      const article = shown[String(operation['operationId'])];
      expect(article?.text).toContain(`${method.toUpperCase()}${path}`);
      expect(article?.text).toContain(operation['summary']);
      expect(article?.text).toContain('curl ');
      const answers = operation['responses'] as Record<string, Json>;
      expect(article?.statuses).toEqual(Object.keys(answers));
      const good = Object.entries(answers).filter(([status]) => Number(status) < 400);
      const parameters = (operation['parameters'] ?? []) as Json[];
      const fields = [
        ...parameters.map(({ name }) => String(name)),
        ...fieldsIn([operation['requestBody'], good.map(([, answer]) => answer['content'])], document),
      ];
      expect(article?.fields, `${method} ${path}`).toEqual(expect.arrayContaining(fields));
    }
    const { schemas } = document['components'] as { schemas: Record<string, Json> };
    for (const [name, schema] of Object.entries(schemas)) {
      expect(shown[`object-${name}`]?.fields ?? name).toEqual(
        expect.arrayContaining(fieldsIn(schema, document)),
      );
    }
    const articles = operations.length + Object.keys(schemas).length;
    expect(Object.keys(shown).length).toBe(articles);
  });

  test('gives a command that works as it stands', async () => {
    await using seen = await visit(at.browser, `${at.under.url}/reference`);
    const command = seen.page.locator('#askQuestion pre code');
    await command.waitFor();
    const text = (await command.textContent()) ?? '';
    expect(text).toContain(`${at.under.url}/api/question`);
    const body = /-d '(.*)'/s.exec(text)?.[1] ?? '';
    at.model.next('Because of the air.');
    const response = await fetch(`${at.under.url}/api/question`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(await response.json()).toMatchObject({ answer: 'Because of the air.' });
  });

  test.each(FLOW_LOOKS)('is searched, and opened at a call ($colorScheme, $width px)', async (look) => {
    await using seen = await visit(at.browser, `${at.under.url}/reference#voteTurn`, look);
    const { page } = seen;
    const vote = page.locator('#voteTurn');
    await vote.waitFor();
    const top = "document.querySelector('#voteTurn').getBoundingClientRect().top";
    await expect.poll(() => page.evaluate(top), { timeout: 40_000 }).toBeLessThan(100);
    expect(await page.evaluate(top)).toBeGreaterThan(50);
    await page.getByRole('searchbox', { name: 'Search' }).fill('thumb nothing has');
    await page.getByText('No call has this').waitFor();
    await page.getByRole('searchbox', { name: 'Search' }).fill('IDEMPOTENCY');
    await page.getByText('2 calls').waitFor();
    await expect.poll(() => vote.count()).toBe(0);
    await expect.poll(() => page.locator('#askQuestion').count()).toBe(1);
    await expect.poll(() => page.locator('#object-Parameters').count()).toBe(1);
    await expect.poll(() => page.locator('#object-VoteCall').count()).toBe(0);
    await page.getByRole('link', { name: 'POST /commands/{name}' }).click();
    expect(new URL(page.url()).hash).toBe('#runCommand');
    expect(seen.problems).toEqual([]);
  });

  test.each(FLOW_LOOKS)(
    'says what to do where the document cannot be had ($colorScheme, $width px)',
    async (look) => {
      await using seen = await visit(at.browser, at.under.url, look);
      const { page } = seen;
      await page.getByLabel('Your message').waitFor();
      await page.route('**/api/openapi.json', (route) => route.abort());
      await page.getByRole('link', { name: 'API' }).click();
      await expect
        .poll(() => page.getByRole('alert').textContent())
        .toMatch(/^Parley cannot be reached: .+\.$/);
      await expectClear(seen);
    },
  );
});

function operationsOf(document: Json) {
  return Object.entries(document['paths'] as Record<string, Record<string, Json>>).flatMap(
    ([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
}

/** Names of all properties in schemas at any depth, with what they refer to, each schema once. */
function fieldsIn(value: unknown, document: Json, seen = new Set<string>()): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => fieldsIn(one, document, seen));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === '$ref') {
      const name = String(inner).split('/').at(-1) ?? '';
      if (seen.has(name)) return [];
      const { schemas } = document['components'] as { schemas: Json };
      return fieldsIn(schemas[name], document, new Set([...seen, name]));
    }
    if (key === 'example' || key === 'examples') return [];
    const names = key === 'properties' ? Object.keys(inner) : [];
    const below = key === 'properties' ? Object.values(inner) : inner;
    return [...names, ...fieldsIn(below, document, seen)];
  });
}
