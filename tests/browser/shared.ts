import { test } from 'vitest';
import { startModelServer } from '../doubles/model-server/model-server.js';
import { startUnderTest } from '../end-to-end/parley-under-test.js';
import { openBrowser } from './open-browser.js';

const hosted = (name: string, more: object = {}) => ({
  endpoint: 'openai',
  name,
  contextSize: 4096,
  ...more,
});

/** Models beside the default one, `hosted`: what each is asked for, and what a menu says of it. */
const MODELS = {
  other: hosted('second'),
  scholar: hosted('scholar-70b', { contextSize: 32_768, description: 'Knows more, takes longer' }),
};

/**
 * What the files of the project `browser` share, which one worker runs without isolation: each part is opened for the
 * first test that needs it, and closed after the last file.
 */
export const sharing = test
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads from the pattern what a fixture needs
  .extend('chromium', { scope: 'worker' }, async ({}, { onCleanup }) => {
    const chromium = await openBrowser();
    onCleanup(() => chromium.close());
    return chromium;
  })
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads from the pattern what a fixture needs
  .extend('scripted', { scope: 'worker' }, async ({}, { onCleanup }) => {
    const model = await startModelServer();
    const under = await startUnderTest({ modelServer: model, file: { models: MODELS } });
    onCleanup(async () => {
      await under.stop();
      await model.close();
    });
    return { model, under };
  });
