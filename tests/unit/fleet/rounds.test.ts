import { expect, test } from 'vitest';
import { createRounds, createSweeper } from '../../../src/fleet/rounds.js';
import { FakeClock } from '../../doubles/clocks/fake-clock.js';
import { deferred } from '../../doubles/deferred.js';
import { RecordedLog } from '../../doubles/recorders/recorded-log.js';

const SETTINGS = {
  model: 'small',
  persona: 'assistant',
  language: 'auto',
  memory: 'channel',
  followThreads: false,
  sampling: {},
} as const;
const address = { platform: 'web', app: 'parley', workspace: '-', channel: 'c', kind: 'direct' } as const;

function setUp(overdue: number[][], models: ReadonlyMap<number, string> = new Map()) {
  const clock = new FakeClock();
  const log = new RecordedLog();
  const asked: [number, number][] = [];
  const added: number[] = [];
  const aliases: (string | undefined)[] = [];
  let broken = false;
  const sweeper = createSweeper({
    upkeep: {
      async overdue(olderThanMs, limit) {
        asked.push([olderThanMs, limit]);
        const found = overdue.shift() ?? [];
        return found.map((conversationId) => ({
          conversationId,
          address,
          model: models.get(conversationId) ?? null,
        }));
      },
    },
    wakeUps: {
      async add({ conversationId, alias }) {
        if (broken) throw new Error('the queue is away');
        added.push(conversationId);
        aliases.push(alias);
      },
    },
    settingsAt: async () => SETTINGS,
    clock,
    log,
    everyMs: 1_000,
    olderThanMs: 30_000,
  });
  return { clock, log, asked, added, aliases, sweeper, breakQueue: (now: boolean) => (broken = now) };
}

test('overdue conversations are woken up again, at once and in every round', async () => {
  const { clock, added, asked, sweeper } = setUp([[1, 2], [], [3]]);
  sweeper.start();
  await clock.advance(0);
  expect(added).toEqual([1, 2]);
  await clock.advance(2_000);
  expect(added).toEqual([1, 2, 3]);
  expect(asked).toEqual(Array.from({ length: 3 }, () => [30_000, 500]));
  await sweeper.stop();
});

test('each is added for the model that its next turn asks for, or that settings choose', async () => {
  const { clock, aliases, sweeper } = setUp([[1, 2]], new Map([[2, 'large']]));
  sweeper.start();
  await clock.advance(0);
  expect(aliases).toEqual(['small', 'large']);
  await sweeper.stop();
});

test('a round that fails is logged, and the next one comes', async () => {
  const { clock, added, log, sweeper, breakQueue } = setUp([[1], [2]]);
  breakQueue(true);
  sweeper.start();
  await clock.advance(0);
  expect(log.lines).toMatchObject([{ level: 'warn', message: 'sweep failed' }]);
  breakQueue(false);
  await clock.advance(1_000);
  expect(added).toEqual([2]);
  await sweeper.stop();
});

test('started twice it sweeps once, stopped twice it stays stopped', async () => {
  const { clock, added, sweeper } = setUp([[1], [2], [3]]);
  sweeper.start();
  sweeper.start();
  await clock.advance(0);
  await sweeper.stop();
  await sweeper.stop();
  sweeper.start();
  await clock.advance(10_000);
  expect(added).toEqual([1]);
  expect(clock.sleeping).toBe(0);
});

test('stopping waits for the round under way, but not for ever', async () => {
  const clock = new FakeClock();
  const rounds = createRounds(
    { name: 'test', clock, log: new RecordedLog(), everyMs: 1 },
    () => deferred().promise,
  );
  rounds.start();
  const stopping = rounds.stop();
  let stopped = false;
  void stopping.then(() => {
    stopped = true;
  });
  await clock.advance(4_000);
  expect(stopped).toBe(false);
  await clock.advance(2_000);
  await stopping;
});
