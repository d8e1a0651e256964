import {
  createDiscordAdapter,
  type DiscordAdapter,
  type DiscordAdapterOptions,
} from '../../../../adapters/discord/adapter.js';
import type { CommandDefinition } from '../../../../src/domain/commands.js';
import type { IncomingMessage } from '../../../../src/domain/turn.js';
import type { Leases } from '../../../../src/ports/fleet/leases.js';
import type { KnownChannel, KnownChannels } from '../../../../src/ports/memory/known-channels.js';
import type { Clock } from '../../../../src/ports/process/clock.js';
import type { KeyValueStore } from '../../../../src/ports/settings/key-value-store.js';
import { systemClock } from '../../../../src/process/system-clock.js';
import { DiscordDouble } from '../../../doubles/discord/discord-double.js';
import type { DoubleMessage } from '../../../doubles/discord/world.js';
import { RecordedLog } from '../../../doubles/recorders/recorded-log.js';
import { RecordingInbox } from '../../../doubles/recorders/recording-inbox.js';

export const COMMANDS: readonly CommandDefinition[] = [
  {
    name: 'ask',
    description: 'Ask a question',
    options: [
      { name: 'model', description: 'Model', type: 'text', suggest: 'models' },
      { name: 'question', description: 'What you would like to know', type: 'text', required: true },
    ],
  },
  {
    name: 'settings',
    description: 'Change settings',
    options: [
      { name: 'language', description: 'Language', type: 'text', choices: ['auto', 'en', 'zh'] },
      { name: 'temperature', description: 'Temperature', type: 'number', min: 0, max: 2 },
      { name: 'top_k', description: 'Top k', type: 'whole', min: 0, max: 1000 },
      { name: 'follow_threads', description: 'Follow threads', type: 'yes-no' },
    ],
  },
  { name: 'retry', description: 'Again', options: [] },
  { name: 'clear', description: 'Forget', options: [] },
];

export class Facts implements KeyValueStore {
  readonly values = new Map<string, string>();

  async get(key: string): Promise<string | null> {
    return this.values.get(key) ?? null;
  }

  async set(key: string, value: string): Promise<void> {
    this.values.set(key, value);
  }
}

/** Channels a test names; none at first. */
export class Known implements KnownChannels {
  channels: KnownChannel[] = [];

  async latest(_platform: string, _app: string, limit: number): Promise<readonly KnownChannel[]> {
    return this.channels.slice(0, limit);
  }
}

export const CATCH_UP = {
  withinMs: 24 * 3_600_000,
  perChannel: 200,
  messages: 1_000,
  channels: 100,
  otherChannels: 10,
  tellMissed: true,
} as const;

export interface AdapterBench {
  readonly double: DiscordDouble;
  readonly inbox: RecordingInbox;
  readonly adapter: DiscordAdapter;
  readonly log: RecordedLog;
  /** Resolves with the first value of `look` that is there, now or after something happened. */
  until<T>(look: () => T | undefined | null | false, what: string): Promise<T>;
  close(): Promise<void>;
}

export interface AdapterBenchOptions {
  readonly double?: DiscordDouble;
  readonly clock?: Clock;
  readonly facts?: KeyValueStore;
  readonly commands?: readonly CommandDefinition[];
  readonly token?: string;
  readonly staleAfterMs?: number;
  readonly known?: KnownChannels;
  readonly catchUp?: Partial<DiscordAdapterOptions['catchUp']>;
  readonly leases?: Leases;
  readonly inbox?: RecordingInbox;
  /** False: `start` is the test's. */
  readonly start?: boolean;
}

export async function openAdapter(options: AdapterBenchOptions = {}): Promise<AdapterBench> {
  const double = options.double ?? (await new DiscordDouble().start());
  const inbox = options.inbox ?? new RecordingInbox();
  inbox.followThreads = true;
  inbox.commanding = async () => ({
    type: 'turn',
    acceptance: { type: 'accepted', turnId: 1, conversationId: 1, ahead: 0 },
  });
  const log = new RecordedLog();
  inbox.onChange(() => double.log.changed());
  const adapter = createDiscordAdapter({
    token: options.token ?? double.token,
    apiUrl: double.apiUrl,
    ...inbox.ports,
    commands: options.commands ?? COMMANDS,
    facts: options.facts ?? new Facts(),
    known: options.known ?? new Known(),
    catchUp: { ...CATCH_UP, ...options.catchUp },
    leases: options.leases ?? null,
    clock: options.clock ?? systemClock,
    log,
    ...(options.staleAfterMs === undefined ? {} : { staleAfterMs: options.staleAfterMs }),
  });
  if (options.start !== false) await adapter.start();
  return {
    double,
    inbox,
    adapter,
    log,
    until: (look, what) => double.log.waitFor(look, what),
    async close() {
      await adapter.stop();
      await double.stop();
    },
  };
}

/** What was accepted by the time a later mention was: messages of a channel are handled in order. */
export async function acceptedUntilNow(
  bench: AdapterBench,
  channel = bench.double.channel,
): Promise<IncomingMessage[]> {
  const { double, inbox } = bench;
  const last = double.person.say(channel, 'last', { mention: true });
  await bench.until(
    () => inbox.messages.some(({ platformMessageId }) => platformMessageId === last.id),
    'the last',
  );
  return inbox.messages.filter(({ platformMessageId }) => platformMessageId !== last.id);
}

/** A message of the bot, as an earlier reply would be. */
export function botSays(bench: AdapterBench, text: string, channel = bench.double.channel): DoubleMessage {
  const { world } = bench.double;
  return world.addMessage({ channelId: channel.id, authorId: world.bot.id, content: text });
}
