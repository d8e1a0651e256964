import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { type ScriptedModel, writeScriptedModel } from '../../doubles/gguf/models.js';
import { startUnderTest, type UnderTest } from '../../end-to-end/parley-under-test.js';
import { SETUP_MS } from '../admin/operator.js';
import { openBrowser } from '../open-browser.js';
import { opened } from '../opened.js';

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

/** For the tests of a `describe`: a browser, and a Parley whose models run in the engine itself. `tides` is the default. */
export function withRealEngine(): RealEngineParley {
  const parts: { browser?: Browser; under?: UnderTest } = {};
  const models = Object.fromEntries(
    Object.keys(MODELS).map((alias) => [alias, { sources: [{ path: `data/${alias}.gguf` }] }]),
  );
  const engine = { gpu: 'off', threads: 1, contextSize: 8192 };
  const prepare = async (dataDir: string) => {
    for (const [alias, script] of Object.entries(MODELS)) {
      writeScriptedModel(path.join(dataDir, `${alias}.gguf`), script);
    }
  };
  beforeAll(async () => {
    [parts.browser, parts.under] = await Promise.all([
      openBrowser(),
      startUnderTest({
        env: { PARLEY_MODEL: 'tides' },
        file: { models, engine, sampling: { maxTokens: 8192 } },
        prepare,
      }),
    ]);
  }, SETUP_MS);
  afterAll(async () => {
    await parts.browser?.close();
    await parts.under?.stop();
  });
  return {
    get browser() {
      return opened(parts.browser);
    },
    get under() {
      return opened(parts.under);
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
  const response = await fetch(`${origin}/api/conversations/${id}?user_id=me`);
  return ((await response.json()) as { turns: ToldTurn[] }).turns;
}
