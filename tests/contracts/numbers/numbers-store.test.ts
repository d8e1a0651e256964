import { describe } from 'vitest';
import { openMemoryDatabase } from '../../fixtures/open-memory-database.js';
import { openFreshServerDatabase } from '../../fixtures/open-test-database.js';
import { onServersOnly, testDatabaseUrl } from '../../fixtures/test-servers.js';
import { describeNumbersStore } from './numbers-store.js';
import { describeDaysAddedUp } from './numbers-store-added-up.js';

const serverUrl = testDatabaseUrl() ?? '';

describe.skipIf(onServersOnly())('embedded', () => {
  describeNumbersStore('the embedded database', openMemoryDatabase);
  describeDaysAddedUp('the embedded database', openMemoryDatabase);
});
describe.skipIf(serverUrl === '')('with DATABASE_URL', () => {
  describeNumbersStore('PostgreSQL', () => openFreshServerDatabase(serverUrl));
  describeDaysAddedUp('PostgreSQL', () => openFreshServerDatabase(serverUrl));
});
