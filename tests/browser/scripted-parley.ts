import type { Browser } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { type ModelServer, startModelServer } from '../doubles/model-server/model-server.js';
import { startUnderTest, type UnderTest, type UnderTestOptions } from '../end-to-end/parley-under-test.js';
import { SETUP_MS } from './admin/operator.js';
import { openBrowser } from './open-browser.js';
import { opened } from './opened.js';

/** What a test looks at with a browser. Each is there once the tests run. */
export interface ScriptedParley {
  readonly browser: Browser;
  /** What the model says next is told to it. */
  readonly model: ModelServer;
  readonly under: UnderTest;
}

type Options = Omit<UnderTestOptions, 'modelServer'>;

/**
 * For the tests of a `describe`: a browser, and a Parley whose model is a double.
 *
 * @param options - or what opens what they name
 */
export function withScriptedParley(options: Options | (() => Promise<Options>) = {}): ScriptedParley {
  const parts: { browser?: Browser; model?: ModelServer; under?: UnderTest } = {};
  beforeAll(async () => {
    [parts.browser, parts.model] = await Promise.all([openBrowser(), startModelServer()]);
    const given = typeof options === 'function' ? await options() : options;
    parts.under = await startUnderTest({ ...given, modelServer: parts.model });
  }, SETUP_MS);
  afterAll(async () => {
    await parts.browser?.close();
    await parts.under?.stop();
    await parts.model?.close();
  });
  return {
    get browser() {
      return opened(parts.browser);
    },
    get model() {
      return opened(parts.model);
    },
    get under() {
      return opened(parts.under);
    },
  };
}
