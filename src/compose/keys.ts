import type { ParleyConfig } from '../config/parley-config.js';
import { ExpectedFailure } from '../domain/failure.js';
import type { Clock } from '../ports/process/clock.js';
import type { Log } from '../ports/process/log.js';
import type { ApiKeyStore } from '../ports/settings/api-keys.js';
import type { Database } from '../storage/database/database.js';
import { openDatabase } from '../storage/open-database.js';
import { PrismaApiKeyStore } from '../storage/settings/api-key-store.js';

/**
 * Opens the database for work on API keys alone, and closes it.
 *
 * @throws {ExpectedFailure} `setup`: with an embedded database also while Parley runs on it
 */
export async function withApiKeys(
  config: ParleyConfig,
  options: { readonly clock: Clock; readonly log: Log; readonly signal: AbortSignal },
  work: (keys: ApiKeyStore) => Promise<void>,
): Promise<void> {
  const database = await open(config, options);
  try {
    await work(new PrismaApiKeyStore(database.prisma));
  } finally {
    await database.stop();
  }
}

async function open(
  { databaseUrl, dataDir }: ParleyConfig,
  options: Parameters<typeof withApiKeys>[1],
): Promise<Database> {
  try {
    return await openDatabase({ ...options, dataDir, ...(databaseUrl === null ? {} : { url: databaseUrl }) });
  } catch (error) {
    if (!(error instanceof ExpectedFailure) || databaseUrl !== null) throw error;
    const page = 'API keys of a Parley that is running are made and revoked on its page, under Admin';
    throw new ExpectedFailure('setup', `${error.message} (${page})`, { cause: error });
  }
}
