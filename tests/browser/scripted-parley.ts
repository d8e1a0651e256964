import type { Browser } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { type ModelServer, startModelServer } from '../doubles/model-server/model-server.js';
import { startUnderTest, type UnderTest, type UnderTestOptions } from '../end-to-end/parley-under-test.js';
import { openBrowser } from './open-browser.js';

/** What a test looks at with a browser. Each is there once the tests run. */
export interface ScriptedParley {
  readonly browser: Browser;
  /** What the model says next is told to it. */
  readonly model: ModelServer;
  readonly under: UnderTest;
}

/** For the tests of a `describe`: a browser, and a Parley whose model is a double. */
export function withScriptedParley(options: Omit<UnderTestOptions, 'modelServer'> = {}): ScriptedParley {
  const opened: { browser?: Browser; model?: ModelServer; under?: UnderTest } = {};
  beforeAll(async () => {
    [opened.browser, opened.model] = await Promise.all([openBrowser(), startModelServer()]);
    opened.under = await startUnderTest({ ...options, modelServer: opened.model });
  });
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
