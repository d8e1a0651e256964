import { createDiscordAdapter, type DiscordAdapter } from '../../../adapters/discord/adapter.js';
import type { CommandDefinition } from '../../../src/domain/commands.js';
import type { Clock } from '../../../src/ports/clock.js';
import type { KeyValueStore } from '../../../src/ports/key-value-store.js';
import { systemClock } from '../../../src/system-clock.js';
import { DiscordDouble } from '../../doubles/discord/discord-double.js';
import { RecordedLog } from '../../doubles/recorded-log.js';
import { RecordingInbox } from './recording-inbox.js';

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
  /** False: `start` is the test's. */
  readonly start?: boolean;
}

export async function openAdapter(options: AdapterBenchOptions = {}): Promise<AdapterBench> {
  const double = options.double ?? (await new DiscordDouble().start());
  const inbox = new RecordingInbox();
  const log = new RecordedLog();
  inbox.onChange(() => double.log.changed());
  const adapter = createDiscordAdapter({
    token: options.token ?? double.token,
    apiUrl: double.apiUrl,
    inbox,
    commands: options.commands ?? COMMANDS,
    facts: options.facts ?? new Facts(),
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
