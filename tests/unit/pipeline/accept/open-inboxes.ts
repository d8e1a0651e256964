import { afterAll, beforeAll } from 'vitest';
import { type Address, addressKey } from '../../../../src/domain/address.js';
import type { CommandName, CommandValues } from '../../../../src/domain/commands.js';
import type { AcceptanceLimits } from '../../../../src/domain/limits.js';
import type { PlaceLimits } from '../../../../src/domain/settings.js';
import type { IncomingMessage } from '../../../../src/domain/turn.js';
import { openInbox } from '../../../../src/pipeline/accept/open-inbox.js';
import { COMMANDS } from '../../../../src/pipeline/commands/definitions.js';
import { settingsReader } from '../../../../src/pipeline/context/settings-at.js';
import { assistant } from '../../../../src/pipeline/personas/assistant.js';
import { medical } from '../../../../src/pipeline/personas/medical.js';
import type { CommandReply } from '../../../../src/ports/turns/inbox.js';
import type { WakeUp } from '../../../../src/ports/turns/wake-ups.js';
import { systemClock } from '../../../../src/process/system-clock.js';
import type { Database } from '../../../../src/storage/database/database.js';
import { PrismaMemoryStore } from '../../../../src/storage/memory/memory-store.js';
import { PrismaPlaceDirectory } from '../../../../src/storage/memory/place-directory.js';
import { PrismaSettingsStore } from '../../../../src/storage/settings/settings-store.js';
import { PrismaUsageStore } from '../../../../src/storage/turns/usage-store.js';
import { openTestDatabase } from '../../../fixtures/open-test-database.js';
import { openTurns } from '../../../fixtures/open-turns.js';

export const DEFAULTS = {
  model: 'small',
  persona: 'assistant',
  language: 'auto',
  memory: 'channel',
  followThreads: false,
  sampling: {},
} as const;

export const DONE = {
  state: 'done',
  reply: 'yes',
  model: 'small',
  finishReason: 'stop',
  usage: { prompt: 1, cached: 0, reply: 1 },
  sampling: { temperature: 1, topK: 0, topP: 1, minP: 0, repeatPenalty: 1, maxTokens: 1, stop: [] },
  timeToFirstTokenMs: 1,
  tokensPerSecond: 1,
} as const;

interface OpenOptions {
  readonly limits?: Partial<AcceptanceLimits>;
  readonly mayChange?: boolean;
  /** How far the process's clock is ahead of the database's. */
  readonly aheadMs?: number;
  /** How the inbox waits. Default: as long as it says. */
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** The inbox on real stores, each time at a new place. For the surrounding file: the database is opened once. */
export function openInboxes() {
  let database: Database;
  let places = 0;
  beforeAll(async () => {
    database = await openTestDatabase();
  });
  afterAll(() => database.stop());

  function open(options: OpenOptions = {}) {
    const { prisma } = database;
    const turns = openTurns(prisma);
    const settings = new PrismaSettingsStore(prisma);
    const wokenUp: WakeUp[] = [];
    const stopped: number[] = [];
    const ended: number[] = [];
    const model = (alias: string) => ({
      alias,
      description: `${alias} one`,
      runs: 'local' as const,
      contextWindow: null,
      state: 'ready' as const,
      isDefault: alias === 'small',
    });
    const ports = openInbox({
      ...turns,
      turns: turns.lookup,
      definitions: COMMANDS,
      memory: new PrismaMemoryStore(prisma, () => {}),
      settings,
      usage: new PrismaUsageStore(prisma),
      places: new PrismaPlaceDirectory(prisma),
      router: {
        has: (alias) => ['small', 'large'].includes(alias),
        models: () => [model('small'), model('large')],
      },
      personas: new Map([assistant, medical].map((persona) => [persona.name, persona])),
      clock: {
        now: () => systemClock.now() + (options.aheadMs ?? 0),
        sleep: options.sleep ?? systemClock.sleep,
      },
      live: {
        publish: (turnId, event) => {
          if (event.type === 'stop') stopped.push(turnId);
          if (event.type === 'ended') ended.push(turnId);
        },
      },
      wakeUps: { add: async (wakeUp) => void wokenUp.push(wakeUp) },
      settingsAt: settingsReader(DEFAULTS, settings),
      limits: { messageLength: 100, turnsPerMinute: 1_000, tokensPerDay: null, ...options.limits },
      mayChange: () => options.mayChange ?? true,
    });
    places += 1;
    const place = places;
    const address: Address = {
      platform: 'slack',
      app: 'A',
      workspace: 'T',
      channel: `C${place}`,
      kind: 'channel',
    };
    const ada = { key: `slack/T/U${place}`, id: `U${place}`, name: 'Ada' };
    let messages = 0;
    const message = (text: string, more: Partial<IncomingMessage> = {}): IncomingMessage => {
      messages += 1;
      const id = `${place}-${messages}`;
      return {
        key: `slack/${id}`,
        platformMessageId: id,
        address,
        author: ada,
        text,
        target: { platform: 'slack' },
        ...more,
      };
    };
    const command = (name: CommandName, values: CommandValues = {}, author = ada): Promise<CommandReply> => {
      const { key, target } = message('');
      return ports.inbox.command({
        name,
        values,
        address,
        author,
        mayManage: false,
        message: { key, target },
      });
    };
    const limitHere = (limits: PlaceLimits) => settings.change(addressKey(address), { limits });
    return { ...ports, turns, message, command, limitHere, address, ada, wokenUp, stopped, ended };
  }

  return { open, database: () => database };
}
