import { expect, onTestFinished, test } from 'vitest';
import { announceModels } from '../../../src/fleet/announce-models.js';
import { fleetRoutes } from '../../../src/fleet/fleet-routes.js';
import { FakeClock } from '../../doubles/clocks/fake-clock.js';
import { memoryWorkerRegistry } from '../../doubles/memory-worker-registry.js';
import { RecordedLog } from '../../doubles/recorders/recorded-log.js';

const CHAINS = new Map([
  ['large', ['large', 'medium', 'small']],
  ['medium', ['medium', 'small']],
  ['small', ['small']],
]);
const GONE_MS = 60_000;

async function open(serve: Readonly<Record<string, readonly string[]>> = {}) {
  const clock = new FakeClock();
  const log = new RecordedLog();
  const registry = memoryWorkerRegistry(clock);
  let away = false;
  let empty = false;
  const routes = fleetRoutes({
    chains: CHAINS,
    registry: {
      async unservedMs() {
        if (away) throw new Error('Redis is away');
        return empty ? new Map() : registry.unservedMs();
      },
    },
    goneAfterMs: GONE_MS,
    clock,
    log,
  });
  const announce = (worker: string, aliases: readonly string[]) =>
    announceModels(worker, () => aliases, { registry, clock, log });
  const workers = Object.entries(serve).map(([worker, aliases]) => announce(worker, aliases));
  onTestFinished(async () => {
    await routes.stop();
    await Promise.all(workers.map((worker) => worker.stop()));
  });
  await clock.advance(0);
  return {
    clock,
    log,
    registry,
    routes,
    workers,
    announce,
    takeAway: (now: boolean) => {
      away = now;
    },
    forgetAll: (now: boolean) => {
      empty = now;
    },
  };
}

test('a model goes to those who serve it, or to the first of its fallbacks that somebody serves', async () => {
  const { routes } = await open({ one: ['small'], two: ['medium'] });
  await routes.start();
  expect([routes.routeOf('large'), routes.routeOf('medium'), routes.routeOf('small')]).toEqual([
    'medium',
    'medium',
    'small',
  ]);
  expect(routes.isServed('large')).toBe(false);
});

test('a worker that stops is noticed at the next look, one that starts as well', async () => {
  const { routes, clock, workers, announce } = await open({ one: ['large'] });
  await routes.start();
  expect(routes.routeOf('large')).toBe('large');
  await workers[0]?.stop();
  await clock.advance(2_000);
  expect(routes.routeOf('large')).toBeNull();
  const two = announce('two', ['small']);
  await clock.advance(2_000);
  expect(routes.routeOf('large')).toBe('small');
  await two.stop();
});

test('a worker that goes on is never missed, one that dies is within 20 s', async () => {
  const { routes, clock, registry } = await open({ one: ['small'] });
  await registry.announce('dead', ['large'], 15_000);
  await routes.start();
  for (let i = 0; i < 17; i++) await clock.advance(1_000);
  expect(routes.routeOf('large')).toBe('small');
  expect(routes.isServed('small')).toBe(true);
});

test('a model is gone once it and its fallbacks were served by nobody for so long', async () => {
  const { routes, clock, workers } = await open({ one: ['small', 'medium'] });
  await routes.start();
  await workers[0]?.stop();
  await clock.advance(GONE_MS - 2_000);
  expect(routes.isGone('large')).toBe(false);
  await clock.advance(4_000);
  expect(routes.isGone('large')).toBe(true);
});

test('a model never heard of gets as long, from the first look on', async () => {
  const { routes, clock } = await open();
  await clock.advance(GONE_MS * 2);
  await routes.start();
  expect(routes.isGone('large')).toBe(false);
  await clock.advance(GONE_MS);
  expect(routes.isGone('large')).toBe(true);
});

test('while Redis is away what was seen last holds', async () => {
  const { routes, clock, takeAway, log } = await open({ one: ['large'] });
  await routes.start();
  takeAway(true);
  await clock.advance(GONE_MS * 3);
  expect([routes.routeOf('large'), routes.isGone('large')]).toEqual(['large', false]);
  expect(log.lines.some(({ message }) => message === 'sweep failed')).toBe(true);
});

test('where nothing could be seen yet, every model is taken for served', async () => {
  const { routes, takeAway } = await open();
  takeAway(true);
  await routes.start();
  expect([routes.routeOf('large'), routes.isGone('large'), routes.isServed('large')]).toEqual([
    'large',
    false,
    true,
  ]);
});

test('a Redis that forgot everything makes no model gone, and sends nothing to fallbacks at once', async () => {
  const { routes, clock, forgetAll } = await open({ one: ['large'] });
  await clock.advance(GONE_MS);
  await routes.start();
  await clock.advance(GONE_MS * 2);
  forgetAll(true);
  await clock.advance(4_000);
  expect([routes.routeOf('large'), routes.isGone('large')]).toEqual(['large', false]);
  await clock.advance(20_000);
  expect([routes.routeOf('large'), routes.isGone('large')]).toEqual([null, false]);
});

test('what a worker serves is announced as it is then, and at once where that is asked for', async () => {
  const { clock, registry, log } = await open();
  const serves = new Set(['small']);
  const announcement = announceModels('one', () => serves, { registry, clock, log });
  await clock.advance(0);
  const served = async () =>
    [...(await registry.unservedMs())].filter(([, ms]) => ms === 0).map(([alias]) => alias);
  expect(await served()).toEqual(['small']);
  serves.add('large');
  serves.delete('small');
  await announcement.renew();
  expect(await served()).toEqual(['large']);
  serves.add('medium');
  await clock.advance(5_000);
  expect(await served()).toEqual(['large', 'medium']);
  await announcement.stop();
  await announcement.renew();
  expect(await served()).toEqual([]);
});

test('a Redis that is away while the announcement is renewed is logged', async () => {
  const { clock, log } = await open();
  const registry = { announce: () => Promise.reject(new Error('away')), withdraw: async () => {} };
  const announcement = announceModels('one', () => ['small'], { registry, clock, log });
  await announcement.renew();
  await announcement.stop();
  expect(log.lines.map(({ message }) => message)).toContain('changed models not announced yet');
});
