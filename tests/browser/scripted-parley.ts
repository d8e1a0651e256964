import type { Browser } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { type ModelServer, startModelServer } from '../doubles/model-server/model-server.js';
import { startUnderTest, type UnderTest, type UnderTestOptions } from '../end-to-end/parley-under-test.js';
import { openBrowser } from './open-browser.js';
import { SETUP_MS } from './operator.js';

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
  const opened: { browser?: Browser; model?: ModelServer; under?: UnderTest } = {};
  beforeAll(async () => {
    [opened.browser, opened.model] = await Promise.all([openBrowser(), startModelServer()]);
    const given = typeof options === 'function' ? await options() : options;
    opened.under = await startUnderTest({ ...given, modelServer: opened.model });
  }, SETUP_MS);
  afterAll(async () => {
    await opened.browser?.close();
    await opened.under?.stop();
    await opened.model?.close();
  });
  const there = <T>(part: T | undefined): T => {
    if (part === undefined) throw new Error('it is opened before the tests');
    return part;
  };
  return {
    get browser() {
      return there(opened.browser);
    },
    get model() {
      return there(opened.model);
    },
    get under() {
      return there(opened.under);
    },
  };
}
