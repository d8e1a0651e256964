import { describe } from 'vitest';
import { openFreshServerDatabase, openMemoryDatabase } from '../../fixtures/open-test-database.js';
import { describeNumbersStore } from './numbers-store.js';
import { describeDaysAddedUp } from './numbers-store-added-up.js';

const serverUrl = process.env['DATABASE_URL'] ?? '';

describeNumbersStore('the embedded database', openMemoryDatabase);
describeDaysAddedUp('the embedded database', openMemoryDatabase);
describe.skipIf(serverUrl === '')('with DATABASE_URL', () => {
  describeNumbersStore('PostgreSQL', () => openFreshServerDatabase(serverUrl));
  describeDaysAddedUp('PostgreSQL', () => openFreshServerDatabase(serverUrl));
});
