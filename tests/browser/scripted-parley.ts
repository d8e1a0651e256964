import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { type ModelServer, startModelServer } from '../doubles/model-server/model-server.js';
import { startUnderTest, type UnderTest, type UnderTestOptions } from '../end-to-end/parley-under-test.js';
import { opened } from './opened.js';
import { sharing } from './shared.js';
import { SETUP_MS, withBrowser } from './with-browser.js';

/** What a test looks at with a browser. Each is there once the tests run. */
export interface ScriptedParley {
  readonly browser: Browser;
  /** What the model says next is told to it. What one test told it no other one hears. */
  readonly model: ModelServer;
  readonly under: UnderTest;
}

type Options = Omit<UnderTestOptions, 'modelServer'>;
type Parts = Pick<ScriptedParley, 'model' | 'under'>;

/** For the tests of a `describe`: a browser, and the Parley that all files share, whose models are a double. */
export function withScriptedParley(): ScriptedParley {
  let parts: Parts | undefined;
  sharing.beforeAll(({ scripted }) => {
    parts = scripted;
  }, SETUP_MS);
  return seen(() => opened(parts));
}

/**
 * The same with a Parley of the tests' own.
 *
 * @param options - or what opens what they name
 */
export function withOwnParley(options: Options | (() => Promise<Options>)): ScriptedParley {
  const parts: { model?: ModelServer; under?: UnderTest } = {};
  beforeAll(async () => {
    const modelServer = await startModelServer();
    parts.model = modelServer;
    const given = typeof options === 'function' ? await options() : options;
    parts.under = await startUnderTest({ ...given, modelServer });
  }, SETUP_MS);
  afterAll(async () => {
    await parts.under?.stop();
    await parts.model?.close();
  });
  return seen(() => ({ model: opened(parts.model), under: opened(parts.under) }));
}

function seen(parts: () => Parts): ScriptedParley {
  const at = withBrowser();
  beforeEach(() => parts().model.reset());
  return {
    get browser() {
      return at.browser;
    },
    get model() {
      return parts().model;
    },
    get under() {
      return parts().under;
    },
  };
}
