import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { DEFAULT_SAMPLING } from '../../../../src/domain/sampling.js';
import type { TurnId } from '../../../../src/domain/turn.js';
import type { JobQueue } from '../../../../src/ports/queue/job-queue.js';
import { systemClock } from '../../../../src/process/system-clock.js';
import { createJobQueue } from '../../../../src/queue/job-queue.js';
import { postgresBackend } from '../../../../src/queue/postgres-backend.js';
import type { QueueBackend } from '../../../../src/queue/queue-backend.js';
import type { EmbeddedDatabase } from '../../../../src/storage/embedded/open-embedded.js';
import { PrismaKeyValueStore } from '../../../../src/storage/settings/key-value-store.js';
import {
  forgetLogExport,
  type LogExport,
  startLogExport,
} from '../../../../workers/log-export/start-log-export.js';
import { awaitCondition } from '../../../doubles/await-condition.js';
import { RecordedLog } from '../../../doubles/recorders/recorded-log.js';
import { LogServer } from '../../../doubles/servers/log-server.js';
import { openMemoryDatabase } from '../../../fixtures/open-memory-database.js';
import { openTurns, type Turns } from '../../../fixtures/open-turns.js';

let database: EmbeddedDatabase;
let backend: QueueBackend;
let turns: Turns;
let facts: PrismaKeyValueStore;

beforeAll(async () => {
  database = await openMemoryDatabase();
  backend = postgresBackend(database.queuePool, true);
  turns = openTurns(database.prisma);
  facts = new PrismaKeyValueStore(database.prisma);
});
afterAll(() => database.stop());

let server: LogServer;
let log: RecordedLog;
let jobs: JobQueue<{ turnId: TurnId }>;
let running: LogExport[];
let started = 0;

beforeEach(async () => {
  server = await LogServer.open();
  log = new RecordedLog();
  running = [];
  jobs = openJobs(`log-export-${started++}`);
  await database.prisma.turn.deleteMany();
  await database.prisma.fact.deleteMany();
});
afterEach(async () => {
  await Promise.all(running.map((each) => each.stop(100)));
  await jobs.stop();
  await server.close();
});

function openJobs(name: string): JobQueue<{ turnId: TurnId }> {
  const payload = z.object({ turnId: z.number() });
  return createJobQueue(name, payload, ({ turnId }) => `turn-${turnId}`, backend, log, {
    retry: { firstMs: 20, lastMs: 5_000 },
    addTimeoutMs: 60_000,
  });
}

async function start(
  over: {
    readonly hashUserNames?: boolean;
    readonly secret?: string | null;
    readonly sweepEveryMs?: number;
    readonly timeoutMs?: number;
  } = {},
) {
  const exporting = await startLogExport({
    url: server.url,
    secret: 'a secret',
    hashUserNames: false,
    exports: turns.exports,
    jobs,
    facts,
    clock: systemClock,
    log,
    timeoutMs: 10_000,
    sweepEveryMs: 3_600_000,
    ...over,
  });
  running.push(exporting);
  return exporting;
}

let messages = 0;

async function finishTurn(text = 'What is 2 + 2?'): Promise<TurnId> {
  const { turnId, conversationId } = await turns.recorder.record(
    {
      key: `discord/1/${messages++}`,
      address: { platform: 'discord', app: '1', workspace: '100', channel: '200', kind: 'channel' },
      author: { key: 'discord/42', id: '42', name: 'Ann Example' },
      text,
      target: { platform: 'discord' },
    },
    'channel',
  );
  await answer(conversationId, 'Four.');
  return turnId;
}

async function answer(conversationId: number, reply: string): Promise<void> {
  const turn = await turns.claims.claimNext(conversationId, 'test', 60_000);
  if (!turn) throw new Error('nothing to claim');
  const usage = { prompt: 30, cached: 10, reply: 4 };
  const made = { reply, model: 'small', finishReason: 'stop' as const, usage, sampling: DEFAULT_SAMPLING };
  await turns.claims.finish(turn, { state: 'done', ...made, timeToFirstTokenMs: 12.5, tokensPerSecond: 20 });
}

const nothingDue = () => awaitCondition(async () => (await turns.exports.unexported(10)).length === 0);
const bodies = () => server.posts.map((post) => JSON.parse(post.body));

test('it tells how it fares, and of the address no more than its origin', async () => {
  const exporting = await start();
  const { origin } = new URL(server.url);
  expect(exporting.report()).toEqual({ origin, lastSuccessAt: null, lastFailure: null });
  server.answers.push({ status: 503 });
  await exporting.onEnded(await finishTurn());
  await awaitCondition(async () => exporting.report().lastFailure !== null);
  expect(exporting.report()).toMatchObject({ lastFailure: { reason: 'LOGGING_URL answered 503' } });
  await nothingDue();
  const { lastSuccessAt, lastFailure } = exporting.report();
  expect(lastSuccessAt).toBeGreaterThanOrEqual(lastFailure?.at ?? Number.POSITIVE_INFINITY);
  server.answers.push({ status: 401 });
  await exporting.onEnded(await finishTurn());
  await nothingDue();
  expect(exporting.report()).toMatchObject({ lastFailure: { reason: 'LOGGING_URL answered 401' } });
});

test('a finished turn is posted once, signed, and not due any more', async () => {
  const exporting = await start();
  const turnId = await finishTurn();
  await exporting.onEnded(turnId);
  await nothingDue();
  const [post] = server.posts;
  const expected = createHmac('sha256', 'a secret')
    .update(post?.body ?? '')
    .digest('hex');
  expect(post?.headers['x-parley-signature']).toBe(`sha256=${expected}`);
  expect(bodies()).toMatchObject([
    {
      turn_id: turnId,
      user: { id: 'discord/42', name: 'Ann Example' },
      messages: [
        { role: 'user', content: 'What is 2 + 2?' },
        { role: 'assistant', content: 'Four.' },
      ],
      parameters: { temperature: 0.7, max_tokens: 1024 },
      usage: { prompt_tokens: 30, completion_tokens: 4 },
    },
  ]);
});

test('an endpoint that fails, hangs, breaks off and asks for patience gets the turn in the end', async () => {
  server.answers.push({ status: 503 }, 'hang', 'cut', { status: 429, headers: { 'retry-after': '1' } });
  const exporting = await start({ timeoutMs: 300 });
  await exporting.onEnded(await finishTurn());
  await nothingDue();
  expect(server.posts).toHaveLength(5);
  expect(new Set(server.posts.map((post) => post.body)).size).toBe(1);
  expect(new Set(server.posts.map((post) => post.headers['x-parley-delivery'])).size).toBe(1);
  expect((server.posts[4]?.at ?? 0) - (server.posts[3]?.at ?? 0)).toBeGreaterThanOrEqual(999);
});

test('a turn the endpoint refuses is not posted again', async () => {
  server.answers.push({ status: 401 });
  const exporting = await start({ sweepEveryMs: 50 });
  await exporting.onEnded(await finishTurn());
  await nothingDue();
  await exporting.onEnded(await finishTurn('the next one'));
  await nothingDue();
  expect(server.posts).toHaveLength(2);
  expect(log.lines.filter((line) => line.message === 'turn not exported')).toMatchObject([
    { level: 'error', fields: { reason: 'LOGGING_URL answered 401' } },
  ]);
});

test('a turn whose job was never queued is found by the sweep', async () => {
  await start({ sweepEveryMs: 50 });
  const turnId = await finishTurn();
  await nothingDue();
  expect(bodies()).toMatchObject([{ turn_id: turnId }]);
});

test('a turn that finished while the export was down is posted at the next start', async () => {
  const exporting = await start();
  await exporting.stop(1_000);
  const turnId = await finishTurn();
  await start();
  await nothingDue();
  expect(bodies()).toMatchObject([{ turn_id: turnId }]);
});

test('what finished before the export was turned on stays here', async () => {
  await finishTurn('from before');
  const exporting = await start({ sweepEveryMs: 50 });
  const turnId = await finishTurn('from after');
  await exporting.onEnded(turnId);
  await nothingDue();
  expect(bodies()).toMatchObject([{ turn_id: turnId }]);
});

test('what finished while the export was turned off stays here', async () => {
  const exporting = await start();
  await exporting.stop(1_000);
  await forgetLogExport(facts);
  await finishTurn('while it was off');
  await start();
  await nothingDue();
  expect(server.posts).toEqual([]);
});

test('a regenerated turn is posted again, as its next revision', async () => {
  const exporting = await start();
  const turnId = await finishTurn();
  await exporting.onEnded(turnId);
  await nothingDue();
  await turns.control.regenerate(turnId);
  await answer((await turns.lookup.find(turnId))?.conversationId ?? 0, 'Still four.');
  await exporting.onEnded(turnId);
  await nothingDue();
  expect(bodies()).toMatchObject([
    { revision: 0 },
    { revision: 1, messages: [{}, { content: 'Still four.' }] },
  ]);
});

test('names are hidden with the same pseudonym after a restart, with or without a secret', async () => {
  for (const over of [{}, { secret: null }]) {
    const users: string[] = [];
    for (let run = 0; run < 2; run++) {
      const exporting = await start({ hashUserNames: true, ...over });
      const posted = server.posts.length;
      await exporting.onEnded(await finishTurn());
      await server.received(posted + 1);
      await exporting.stop(1_000);
      const { user } = bodies()[posted];
      expect(user).not.toHaveProperty('name');
      users.push(user.id);
    }
    expect(users[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(users[1]).toBe(users[0]);
  }
});

test('stopping in the middle of a post ends in time and the turn is still due', async () => {
  server.answers.push('hang');
  const exporting = await start();
  const turnId = await finishTurn();
  await exporting.onEnded(turnId);
  await server.received(1);
  await exporting.stop(0);
  expect(await turns.exports.unexported(10)).toEqual([turnId]);
  await start();
  await nothingDue();
  expect(server.posts).toHaveLength(2);
});

test('an address that would send conversations in the clear is refused at the start', async () => {
  const unsafe = startLogExport({
    url: 'http://logs.example.org/',
    secret: null,
    hashUserNames: false,
    exports: turns.exports,
    jobs,
    facts,
    clock: systemClock,
    log,
  });
  await expect(unsafe).rejects.toMatchObject({ kind: 'setup', retryable: false });
});

test('no text and no secret is logged', async () => {
  server.answers.push({ status: 500 }, { status: 400 });
  const exporting = await start();
  await exporting.onEnded(await finishTurn('a very private question'));
  await nothingDue();
  expect(log.lines.length).toBeGreaterThan(0);
  expect(JSON.stringify(log.lines)).not.toMatch(/private question|a secret|Four/);
});
