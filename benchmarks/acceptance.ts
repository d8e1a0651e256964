import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type pg from 'pg';
import { z } from 'zod';
import { composeQueue } from '../src/compose/queue.js';
import { composeStorage } from '../src/compose/storage.js';
import { loadConfig } from '../src/config/load-config.js';
import type { ParleyConfig } from '../src/config/parley-config.js';
import type { EffectiveSettings } from '../src/domain/settings.js';
import type { IncomingMessage } from '../src/domain/turn.js';
import { type AcceptMessageDeps, acceptMessage } from '../src/pipeline/accept/accept-message.js';
import { settingsReader } from '../src/pipeline/context/settings-at.js';
import { systemClock } from '../src/process/system-clock.js';
import { type BenchRow, median } from './bench-row.js';

/** Of each side, after one in which connections open, code is compiled and statements are planned. */
const ROUNDS = 7;
const MESSAGES = 400;
/** Messages that arrive at once, as from many channels. */
const CONCURRENT = 16;
const LOG = { debug() {}, info() {}, warn() {}, error() {} };

const DEFAULTS: EffectiveSettings = {
  model: 'small',
  persona: 'assistant',
  language: 'auto',
  memory: 'channel',
  followThreads: false,
  sampling: {},
};

/** Messages accepted a second, beside one bare insert and one bare enqueue for each, on the embedded database. */
export async function benchAcceptance(): Promise<BenchRow[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'parley-bench-'));
  try {
    const config = await loadConfig({ env: { PARLEY_DATA_DIR: folder }, cwd: folder });
    return await benchAcceptanceOn(config, 'embedded database');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @param place - what database and queue run on, in words */
export async function benchAcceptanceOn(config: ParleyConfig, place: string): Promise<BenchRow[]> {
  const deps = { clock: systemClock, log: LOG };
  const storage = await composeStorage(config, { ...deps, onForgotten: () => {} });
  const queue = composeQueue(config, storage.database, deps);
  try {
    const schema = z.strictObject({ conversationId: z.int() });
    const wakeUps = queue.open('bench-accept', schema, ({ conversationId }) => `c-${conversationId}`);
    const bare = queue.open('bench-bare', schema, ({ conversationId }) => `c-${conversationId}`);
    const settingsAt = settingsReader(DEFAULTS, storage.stores.settings);
    const accepting: AcceptMessageDeps = {
      ...storage.stores,
      wakeUps,
      router: { has: () => true, models: () => [] },
      limits: { messageLength: 8_000, turnsPerMinute: 1_000_000, tokensPerDay: null },
    };
    await storage.database.pool.query(
      'CREATE TABLE bench_message (id serial PRIMARY KEY, key text UNIQUE, text text)',
    );
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = -1; round < ROUNDS; round++) {
      const accepted = await perSecond((i) => {
        const message = incoming(round, i);
        return settingsAt(message.address).then((settings) => acceptMessage(message, settings, accepting));
      });
      const bareAccepted = await perSecond((i) => bareAccept(storage.database.pool, bare, round, i));
      if (round < 0) continue;
      ours.push(accepted);
      theirs.push(bareAccepted);
    }
    const ratios = ours.map((rate, i) => rate / (theirs[i] ?? Number.NaN));
    return [
      { name: 'messages accepted', value: median(ours), unit: '/s', note: `${place}, ${CONCURRENT} at once` },
      { name: 'bare insert + enqueue', value: median(theirs), unit: '/s' },
      { name: 'accepted beside bare', value: median(ratios), unit: '×', target: { atLeast: 0.5 } },
    ];
  } finally {
    await queue.stop();
    await storage.stop();
  }
}

async function bareAccept(
  pool: pg.Pool,
  queue: { add(payload: { conversationId: number }): Promise<void> },
  round: number,
  i: number,
): Promise<void> {
  await pool.query('INSERT INTO bench_message (key, text) VALUES ($1, $2)', [
    `${round}-${i}`,
    'What is new?',
  ]);
  await queue.add({ conversationId: 1_000_000 + (round + 1) * MESSAGES + i });
}

async function perSecond(one: (i: number) => Promise<unknown>): Promise<number> {
  const started = performance.now();
  let next = 0;
  const lane = async () => {
    while (next < MESSAGES) await one(next++);
  };
  await Promise.all(Array.from({ length: CONCURRENT }, lane));
  return (MESSAGES / (performance.now() - started)) * 1_000;
}

function incoming(round: number, i: number): IncomingMessage {
  const id = `${round}-${i}`;
  return {
    key: `discord/bench/${id}`,
    platformMessageId: id,
    address: {
      platform: 'discord',
      app: 'bench',
      workspace: 'guild',
      channel: `channel-${id}`,
      kind: 'channel',
    },
    author: { key: `discord/${i}`, id: String(i), name: 'Ada' },
    text: 'What is new?',
    target: { platform: 'discord', channelId: id },
  };
}
