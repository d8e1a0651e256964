import type { WebAdapterOptions } from '../../../adapters/web/create-web-adapter.js';
import { COMMANDS } from '../../../src/pipeline/commands/definitions.js';
import { openInbox } from '../../../src/pipeline/open-inbox.js';
import { settingsReader } from '../../../src/pipeline/settings-at.js';
import type { ApiKeyStore } from '../../../src/ports/api-keys.js';
import { localLiveEvents } from '../../../src/queue/local-live-events.js';
import { localReports } from '../../../src/queue/local-reports.js';
import { PrismaApiKeyStore } from '../../../src/storage/api-key-store.js';
import { PrismaConversationList } from '../../../src/storage/conversation-list.js';
import type { Database } from '../../../src/storage/database.js';
import { PrismaHistoryReader } from '../../../src/storage/history-reader.js';
import { PrismaMemoryStore } from '../../../src/storage/memory-store.js';
import { PrismaPlaceDirectory } from '../../../src/storage/place-directory.js';
import { PrismaSettingsStore } from '../../../src/storage/settings-store.js';
import { PrismaTurnListing } from '../../../src/storage/turn-listing.js';
import { PrismaTurnStore } from '../../../src/storage/turn-store.js';
import { PrismaUsageStore } from '../../../src/storage/usage-store.js';
import { PrismaUserDirectory } from '../../../src/storage/user-directory.js';
import { systemClock } from '../../../src/system-clock.js';
import { RecordedLog } from '../../doubles/recorded-log.js';
import { generated } from '../../fixtures/incoming-message.js';
import { openWeb } from './open-web.js';

const DEFAULTS = {
  model: 'small',
  persona: 'assistant',
  language: 'auto',
  memory: 'channel',
  followThreads: true,
  sampling: {},
} as const;
const SMALL = { alias: 'small', description: '', runs: 'local', contextWindow: null } as const;
const NO_LIMITS = { turnsPerMinute: null, tokensPerDay: null } as const;

/** A server on real stores, where each question is answered with `Because.` as soon as it is recorded. */
export async function openStoredWeb(
  { prisma }: Database,
  options: Partial<WebAdapterOptions> = {},
  apiKeys: ApiKeyStore = new PrismaApiKeyStore(prisma),
) {
  const turns = new PrismaTurnStore(prisma);
  const memory = new PrismaMemoryStore(prisma, () => {});
  const settings = new PrismaSettingsStore(prisma);
  const usage = new PrismaUsageStore(prisma);
  const places = new PrismaPlaceDirectory(prisma);
  const live = localLiveEvents(new RecordedLog());
  const settingsAt = settingsReader(DEFAULTS, settings);
  const router = {
    models: () => [{ ...SMALL, state: 'ready', isDefault: true } as const],
    has: (alias: string) => alias === 'small',
  };
  const inbox = openInbox({
    ...{ turns, memory, settings, usage, places, router, live, settingsAt, clock: systemClock },
    definitions: COMMANDS,
    personas: new Map(),
    limits: { messageLength: 10_000, ...NO_LIMITS },
    mayChange: () => true,
    wakeUps: {
      async add({ conversationId }) {
        const turn = await turns.claimNext(conversationId, 'worker', 60_000);
        if (!turn) return;
        const outcome = { state: 'done', ...generated('Because.') } as const;
        if (await turns.finish(turn, outcome)) live.publish(turn.id, { type: 'ended', outcome });
      },
    },
  });
  const open = await openWeb({
    apiKeys,
    ...{ inbox, turns, memory, settings, router, liveEvents: live },
    history: new PrismaHistoryReader(prisma),
    conversations: new PrismaConversationList(prisma),
    administration: {
      ...{ inbox, turns, memory, settings, usage, places, router },
      listing: new PrismaTurnListing(prisma),
      users: new PrismaUserDirectory(prisma),
      limits: NO_LIMITS,
      apiKeys,
      reports: localReports(systemClock),
      platforms: [],
      personas: ['assistant'],
    },
    ...options,
  });
  return { ...open, turns };
}
