import type { WebAdapterOptions } from '../../../../adapters/web/create-web-adapter.js';
import { localLiveEvents } from '../../../../src/exchange/local-live-events.js';
import { localReports } from '../../../../src/exchange/local-reports.js';
import { openInbox } from '../../../../src/pipeline/accept/open-inbox.js';
import { COMMANDS } from '../../../../src/pipeline/commands/definitions.js';
import { settingsReader } from '../../../../src/pipeline/context/settings-at.js';
import type { ApiKeyStore } from '../../../../src/ports/settings/api-keys.js';
import { systemClock } from '../../../../src/process/system-clock.js';
import type { Database } from '../../../../src/storage/database/database.js';
import { PrismaConversationList } from '../../../../src/storage/memory/conversation-list.js';
import { PrismaHistoryReader } from '../../../../src/storage/memory/history-reader.js';
import { PrismaMemoryStore } from '../../../../src/storage/memory/memory-store.js';
import { PrismaPlaceDirectory } from '../../../../src/storage/memory/place-directory.js';
import { PrismaUserDirectory } from '../../../../src/storage/memory/user-directory.js';
import { PrismaApiKeyStore } from '../../../../src/storage/settings/api-key-store.js';
import { PrismaSettingsStore } from '../../../../src/storage/settings/settings-store.js';
import { PrismaTurnListing } from '../../../../src/storage/turns/turn-listing.js';
import { PrismaUsageStore } from '../../../../src/storage/turns/usage-store.js';
import { RecordedLog } from '../../../doubles/recorders/recorded-log.js';
import { generated } from '../../../fixtures/incoming-message.js';
import { openTurns } from '../../../fixtures/open-turns.js';
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
  const turns = openTurns(prisma);
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
  const ports = openInbox({
    ...{ ...turns, turns: turns.lookup, memory, settings, usage, places },
    ...{ router, live, settingsAt, clock: systemClock },
    definitions: COMMANDS,
    personas: new Map(),
    limits: { messageLength: 10_000, ...NO_LIMITS },
    mayChange: () => true,
    wakeUps: {
      async add({ conversationId }) {
        const turn = await turns.claims.claimNext(conversationId, 'worker', 60_000);
        if (!turn) return;
        const outcome = { state: 'done', ...generated('Because.') } as const;
        if (await turns.claims.finish(turn, outcome)) live.publish(turn.id, { type: 'ended', outcome });
      },
    },
  });
  const open = await openWeb({
    apiKeys,
    ...{ ...ports, turns: turns.lookup, memory, settings, router, liveEvents: live },
    history: new PrismaHistoryReader(prisma),
    conversations: new PrismaConversationList(prisma),
    administration: {
      ...{ ...ports, turns: turns.lookup, memory, settings, usage, places, router },
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
