import path from 'node:path';
import { expect, test } from 'vitest';
import { type ApiDocument, apiTypes } from '../../../../../../scripts/api-types.js';
import { PACKAGE_ROOT } from '../../../../../../src/process/compiled-entry.js';
import { noAdministration } from '../../no-administration.js';
import { openWeb } from '../../open-web.js';

const FILE = path.join(PACKAGE_ROOT, 'adapters/web/page/api/api-types.ts');

/** `npm run generate-api-types` runs this test and has it write the file. */
test('the page’s types of the API are those of the OpenAPI document', async () => {
  const { send, close } = await openWeb({ administration: noAdministration() });
  try {
    const document = (await (await send('GET', '/api/openapi.json')).json()) as ApiDocument;
    const isStale = 'the API has changed: run "npm run generate-api-types"';
    await expect(await apiTypes(document), isStale).toMatchFileSnapshot(FILE);
  } finally {
    await close();
  }
});
