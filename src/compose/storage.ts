import type { ParleyConfig } from '../config/parley-config.js';
import type { Platform } from '../domain/address.js';
import type { ConversationId } from '../domain/turn.js';
import type { Clock } from '../ports/process/clock.js';
import type { Log } from '../ports/process/log.js';
import type { InstallationStore } from '../ports/settings/installation-store.js';
import type { Database } from '../storage/database/database.js';
import { PrismaConversationList } from '../storage/memory/conversation-list.js';
import { PrismaHistoryReader } from '../storage/memory/history-reader.js';
import { PrismaKnownChannels } from '../storage/memory/known-channels.js';
import { PrismaMemoryStore } from '../storage/memory/memory-store.js';
import { PrismaPlaceDirectory } from '../storage/memory/place-directory.js';
import { PrismaUserDirectory } from '../storage/memory/user-directory.js';
import { PrismaNumbersStore } from '../storage/numbers/numbers-store.js';
import { openDatabase } from '../storage/open-database.js';
import { aesSecretBox } from '../storage/settings/aes-secret-box.js';
import { PrismaApiKeyStore } from '../storage/settings/api-key-store.js';
import { cachedApiKeys } from '../storage/settings/cached-api-keys.js';
import { cachedSettingsStore } from '../storage/settings/cached-settings-store.js';
import { PrismaInstallationStore } from '../storage/settings/installation-store.js';
import { PrismaKeyValueStore } from '../storage/settings/key-value-store.js';
import { PrismaLeases } from '../storage/settings/leases.js';
import { PrismaSettingsStore } from '../storage/settings/settings-store.js';
import { type CredentialBoxes, credentialBox } from '../storage/turns/sealed-credentials.js';
import { PrismaTurnClaims } from '../storage/turns/turn-claims.js';
import { PrismaTurnControl } from '../storage/turns/turn-control.js';
import { PrismaTurnExports } from '../storage/turns/turn-exports.js';
import { PrismaTurnListing } from '../storage/turns/turn-listing.js';
import { PrismaTurnLookup } from '../storage/turns/turn-lookup.js';
import { PrismaTurnRecorder } from '../storage/turns/turn-recorder.js';
import { PrismaTurnUpkeep } from '../storage/turns/turn-upkeep.js';
import { PrismaTurnVotes } from '../storage/turns/turn-votes.js';
import { PrismaUsageStore } from '../storage/turns/usage-store.js';
import { PrismaWaitingTurns } from '../storage/turns/waiting-turns.js';

/**
 * Opens the database and puts the stores on it.
 *
 * @param deps.onForgotten - told of each conversation that lost text
 * @throws {ExpectedFailure} `setup`
 * @throws `signal.reason` when `signal` aborts first
 */
export async function composeStorage(
  config: ParleyConfig,
  deps: {
    readonly clock: Clock;
    readonly log: Log;
    readonly onForgotten: (id: ConversationId) => void;
    readonly signal?: AbortSignal;
  },
) {
  const { clock, log, onForgotten, signal } = deps;
  const url = config.databaseUrl === null ? {} : { url: config.databaseUrl };
  const database: Database = await openDatabase({
    ...url,
    dataDir: config.dataDir,
    clock,
    log,
    ...(signal ? { signal } : {}),
  });
  const { prisma } = database;
  const boxes = credentialBoxes(config);
  return {
    database,
    stores: {
      recorder: new PrismaTurnRecorder(prisma, boxes, onForgotten),
      control: new PrismaTurnControl(prisma),
      claims: new PrismaTurnClaims(prisma, boxes),
      waiting: new PrismaWaitingTurns(prisma, boxes),
      turns: new PrismaTurnLookup(prisma),
      votes: new PrismaTurnVotes(prisma),
      upkeep: new PrismaTurnUpkeep(prisma),
      memory: new PrismaMemoryStore(prisma, onForgotten),
      settings: cachedSettingsStore(new PrismaSettingsStore(prisma)),
      usage: new PrismaUsageStore(prisma),
      facts: new PrismaKeyValueStore(prisma),
      conversations: new PrismaConversationList(prisma),
      history: new PrismaHistoryReader(prisma),
      known: new PrismaKnownChannels(prisma),
      /** Null where this process alone has the database. */
      leases: database.kind === 'embedded' ? null : new PrismaLeases(prisma),
      installations: installationStore(config, prisma),
      exports: new PrismaTurnExports(prisma),
      numbers: new PrismaNumbersStore(prisma),
      listing: new PrismaTurnListing(prisma),
      users: new PrismaUserDirectory(prisma),
      places: new PrismaPlaceDirectory(prisma),
      apiKeys: cachedApiKeys(new PrismaApiKeyStore(prisma), clock),
    },
    check: async () => {
      try {
        await prisma.$queryRaw`SELECT 1`;
        return { name: 'database', ok: true };
      } catch {
        return { name: 'database', ok: false, reason: 'The database is out of reach.' };
      }
    },
    stop: () => database.stop(),
  };
}

/** Null where no platform is installed by workspaces. */
function installationStore({ slack }: ParleyConfig, prisma: Database['prisma']): InstallationStore | null {
  if (slack?.workspaces !== 'several') return null;
  return new PrismaInstallationStore(prisma, aesSecretBox(slack.encryptionKeys));
}

/**
 * Made from what every process has that takes a platform's messages in, or answers them: none that has not could use a
 * credential, and nothing is to be set up.
 */
function credentialBoxes({ discord, slack }: ParleyConfig): CredentialBoxes {
  const secrets = new Map<Platform, readonly string[]>();
  if (discord) secrets.set('discord', [discord.token]);
  if (slack) secrets.set('slack', slack.workspaces === 'one' ? [slack.botToken] : slack.encryptionKeys);
  return new Map([...secrets].map(([platform, shared]) => [platform, credentialBox(shared)]));
}
