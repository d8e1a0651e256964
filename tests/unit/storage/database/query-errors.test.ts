import { inspect } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../../../src/storage/database/database.js';
import { reaching } from '../../../../src/storage/database/database-failure.js';
import { openTestDatabase } from '../../../fixtures/open-test-database.js';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.stop());

const SECRET = 'what a person wrote';

async function failureOf(query: PromiseLike<unknown>): Promise<Error> {
  try {
    await query;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('the query did not fail');
}

test('the error of a query that Prisma refuses does not quote the values in it', async () => {
  const { fact } = database.prisma;
  // A bug of ours: a field that does not exist.
  const data = { key: 'a', value: SECRET, unknown: SECRET };
  const error = await failureOf(reaching(fact.create({ data })));
  expect(error.message).toContain('Unknown argument `unknown`');
  expect(inspect(error, { depth: 8 })).not.toContain(SECRET);
});

test('neither does that of a query that the database refuses', async () => {
  const { fact } = database.prisma;
  const data = { key: SECRET, value: SECRET };
  await fact.create({ data });
  const error = await failureOf(reaching(fact.create({ data })));
  expect(error.name).toBe('PrismaClientKnownRequestError');
  expect(error.message).not.toContain(SECRET);
  expect(error.stack).not.toContain(SECRET);
});
