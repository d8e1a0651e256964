import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { type ScriptedModel, writeScriptedModel } from '../../doubles/gguf/models.js';
import { startUnderTest, type UnderTest } from '../../end-to-end/parley-under-test.js';
import { opened } from '../opened.js';
import { sharing } from '../shared.js';
import { SETUP_MS, withBrowser } from '../with-browser.js';

/** What `tides` says. No token comes twice, so that each leads to the next one. */
export const TIDES = `## Tides

The *Moon* pulls at the sea: $h = 2 r$.

- high
- low`;

/** The first two end by themselves, the others go on until they are stopped or have no room left. */
const MODELS: Readonly<Record<string, ScriptedModel>> = {
  tides: { reply: TIDES },
  shells: { reply: 'Shells lie on **wet** sand.' },
  waves: { reply: 'Waves come and go.\n', ending: 'again' },
  gulls: { reply: 'Gulls fly past, calling.\n', ending: 'again' },
};

/** What a test looks at with a browser. Each is there once the tests run. */
export interface RealEngineParley {
  readonly browser: Browser;
  readonly under: UnderTest;
}

/** One for all files whose models run in the engine itself: loading one takes as long as a test. `tides` is the default. */
// biome-ignore lint/correctness/noEmptyPattern: Vitest reads from the pattern what a fixture needs
const engines = sharing.extend('real', { scope: 'worker' }, async ({}, { onCleanup }) => {
  const models = Object.fromEntries(
    Object.keys(MODELS).map((alias) => [alias, { sources: [{ path: `data/${alias}.gguf` }] }]),
  );
  const engine = { gpu: 'off', threads: 1, contextSize: 8192 };
  const under = await startUnderTest({
    env: { PARLEY_MODEL: 'tides' },
    file: { models, engine, sampling: { maxTokens: 8192 } },
    async prepare(dataDir) {
      for (const [alias, script] of Object.entries(MODELS)) {
        writeScriptedModel(path.join(dataDir, `${alias}.gguf`), script);
      }
    },
  });
  onCleanup(() => under.stop());
  return under;
});

/** For the tests of a `describe`: a browser, and a Parley whose models run in the engine itself. */
export function withRealEngine(): RealEngineParley {
  const at = withBrowser();
  let under: UnderTest | undefined;
  engines.beforeAll(({ real }) => {
    under = real;
  }, SETUP_MS);
  return {
    get browser() {
      return at.browser;
    },
    get under() {
      return opened(under);
    },
  };
}

export async function ask(page: Page, question: string): Promise<void> {
  await page.getByLabel('Your message').fill(question);
  await page.getByLabel('Your message').press('Enter');
}

export const modelButton = (page: Page) => page.getByRole('button', { name: /^Model/ });

export const modelOption = (page: Page, alias: string) =>
  page.getByRole('option', { name: new RegExp(`^${alias}`) });

export async function chooseModel(page: Page, alias: string): Promise<void> {
  await modelButton(page).click();
  await modelOption(page, alias).click();
  await page.getByRole('button', { name: `Model: ${alias}` }).waitFor();
}

/** A turn as the API tells of it. */
interface ToldTurn {
  readonly answer: string;
  readonly persona: string | null;
  readonly finished_at: string | null;
  readonly usage: { readonly prompt_tokens: number; readonly reply_tokens: number };
}

/** The turns of the conversation that a page shows. */
export async function toldTurns(page: Page): Promise<readonly ToldTurn[]> {
  const { origin, searchParams } = new URL(page.url());
  const id = searchParams.get('conversation');
  const user = await page.evaluate("localStorage['parley.user']");
  const response = await fetch(`${origin}/api/conversations/${id}?user_id=${user}`);
  return ((await response.json()) as { turns: ToldTurn[] }).turns;
}
