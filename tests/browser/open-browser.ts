import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import axe from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';

/** As Debian installs them. The first has no windows, and takes a third less of a processor for the same tests. */
const INSTALLED = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];
const CHROMIUM =
  process.env['CHROMIUM'] ?? INSTALLED.find((file) => existsSync(file)) ?? INSTALLED.join(' or ');
const MISSING = `needs a browser: install Debian's chromium-headless-shell, or set CHROMIUM (there is none at ${CHROMIUM})`;
const FLAGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
  ...['--disable-background-networking', '--disable-component-update'],
  // A name for this machine that is no local one to a browser: pages from there came over a network, without https.
  '--host-resolver-rules=MAP parley.test 127.0.0.1',
];

/** How long a test with a browser may take, in ms: it shares a busy machine with what it looks at. */
const TEST_MS = 90_000;

/** Where a browser is missing the tests are skipped, and fail if REQUIRE_BROWSER is set. */
export function describeInBrowser(name: string, suite: () => void): void {
  if (existsSync(CHROMIUM)) describe(name, { timeout: TEST_MS }, suite);
  else if (process.env['REQUIRE_BROWSER']) test(name, () => expect.fail(MISSING));
  else describe.skip(`${name} (${MISSING})`, suite);
}

export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
}

/** How long a page may take for anything, in ms: less than a test may, so that its failure names what is missing. */
const PATIENCE_MS = 40_000;

/** How a page is used. Widths in CSS pixels. Barriers are looked for in both themes at either width. */
export const LOOKS = [
  { colorScheme: 'light', width: 1200 },
  { colorScheme: 'dark', width: 390 },
] as const;

/**
 * How a flow is gone through, where how the page is laid out is not what is looked at. In the long run, TEST_LONG, that
 * is in every look.
 */
export const FLOW_LOOKS = process.env['TEST_LONG'] ? LOOKS : LOOKS.slice(0, 1);

/** A theme changes colours and nothing else, and each rule costs seconds on a long page. */
const THEMED_RULES = ['color-contrast', 'link-in-text-block'];

/** What passes is not described: of a page of thousands of elements that takes longer than to look at them. */
const violations = `async (rules) => {
  const { violations } = await axe.run({ resultTypes: ['violations'], ...rules });
  const theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  return violations.map(({ id, nodes }) => theme + ', ' + id + ': ' + nodes.map(({ html }) => html).join(' '));
}`;

/** Whether the page as it is now must be scrolled sideways. */
export async function isTooWide(page: Page): Promise<boolean> {
  const wholes = "[document.documentElement, document.querySelector('#content') ?? document.body]";
  return Boolean(await page.evaluate(`${wholes}.some((whole) => whole.scrollWidth > whole.clientWidth)`));
}

export interface Visit extends AsyncDisposable {
  readonly page: Page;
  /** Who asks. */
  readonly user: string;
  /** Errors of the console and of scripts, and requests to other hosts. */
  readonly problems: readonly string[];
  /** What axe finds, in the theme the page is used in and in the other one, a line each. */
  findBarriers(): Promise<readonly string[]>;
}

interface Look {
  readonly colorScheme: 'light' | 'dark';
  readonly width: number;
  /** Who asks, as the page remembers it; null: nobody said. Default: somebody new. */
  readonly user?: string | null;
}

/** Whom the page takes for asking where nobody said. */
const NOBODY_SAID = 'me';

/** A person's visit, with nothing remembered from another but the `user` and the `cookies` given. */
export async function visit(
  browser: Browser,
  url: string,
  { colorScheme, width, user = `visitor-${randomUUID()}` }: Look = LOOKS[0],
  cookies: Parameters<BrowserContext['addCookies']>[0] = [],
): Promise<Visit> {
  const context = await browser.newContext({ colorScheme, viewport: { width, height: 800 } });
  await context.addCookies(cookies);
  if (user !== null) {
    await context.addInitScript(`localStorage['parley.user'] ??= ${JSON.stringify(user)}`);
  }
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('request', (request) => {
    if (new URL(request.url()).host !== new URL(url).host) problems.push(`asked ${request.url()}`);
  });
  await page.goto(url);
  return {
    page,
    user: user ?? NOBODY_SAID,
    problems,
    async findBarriers() {
      if (await page.evaluate("!('axe' in window)")) await page.evaluate(axe.source);
      const found: string[] = [];
      const look = async (theme: 'light' | 'dark', rules: object) => {
        await page.emulateMedia({ colorScheme: theme });
        found.push(...((await page.evaluate(`(${violations})(${JSON.stringify(rules)})`)) as string[]));
      };
      await look(colorScheme === 'light' ? 'dark' : 'light', { runOnly: THEMED_RULES });
      await look(colorScheme, {});
      return found;
    },
    [Symbol.asyncDispose]: () => context.close(),
  };
}
