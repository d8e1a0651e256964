import { describe, expect, test } from 'vitest';
import { awaitCondition } from '../../../../doubles/await-condition.js';
import { answer } from '../../../../doubles/model-server/reply.js';
import { openHosted, read, request } from './open-hosted.js';

const HANGING = answer('One two.', { break: { afterTokens: 1, how: { kind: 'hang' } } });

describe('more requests than an endpoint may run at once', () => {
  test('wait in order, and each is told how many are ahead', async () => {
    const { server, provider } = await openHosted({ concurrent: 1 });
    server.next(HANGING);
    const first = new AbortController();
    const running = read(provider, request(), first.signal);
    await server.request(1);
    const told: string[] = [];
    const follow = async (name: string) => {
      for await (const part of provider.stream(request({}, name), new AbortController().signal)) {
        if (part.type === 'queued') told.push(`${name}: ${part.ahead}`);
      }
    };
    const b = follow('b');
    const c = follow('c');
    await awaitCondition(() => told.length === 2);
    expect(told).toEqual(['b: 1', 'c: 2']);
    first.abort();
    await Promise.all([running, b, c]);

    expect(told).toEqual(['b: 1', 'c: 2', 'c: 1']);
    expect(server.requests.map(({ body }) => body.messages[0]?.content)).toEqual(['Hi', 'b', 'c']);
  });

  test('never run beyond the limit', async () => {
    const { server, provider } = await openHosted({ concurrent: 3 });
    let running = 0;
    let most = 0;
    const one = async () => {
      for await (const part of provider.stream(request(), new AbortController().signal)) {
        if (part.type === 'delta' && running >= 0) most = Math.max(most, ++running);
        if (part.type === 'delta') break;
      }
      running--;
    };
    await Promise.all(Array.from({ length: 20 }, one));

    expect(most).toBeLessThanOrEqual(3);
    expect(server.requests).toHaveLength(20);
  });

  test('are refused where too many wait', async () => {
    const { server, provider } = await openHosted({ concurrent: 1, waiting: 1 });
    server.next(HANGING);
    const stopper = new AbortController();
    const waiting = [read(provider, request(), stopper.signal)];
    await server.request(1);
    waiting.push(read(provider, request(), stopper.signal));
    const { error } = await read(provider);
    stopper.abort();
    await Promise.all(waiting);

    expect(error).toMatchObject({ kind: 'provider-overloaded', retryable: true });
  });

  test('give up after a while, and those behind move up', async () => {
    const { server, provider, clock } = await openHosted({
      concurrent: 1,
      waitMs: 4_000,
      firstTokenMs: 60_000,
    });
    server.next({ fault: 'hang' });
    const stopper = new AbortController();
    const running = read(provider, request(), stopper.signal);
    await server.request(1);
    const impatient = read(provider);
    await clock.advance(3_000);
    const behind = read(provider);
    await clock.advance(1_000);

    expect((await impatient).error).toMatchObject({ kind: 'provider-overloaded' });
    stopper.abort();
    await running;
    const { parts } = await behind;
    expect(parts.flatMap((part) => (part.type === 'queued' ? part.ahead : []))).toEqual([2, 1]);
    expect(parts.at(-1)?.type).toBe('finish');
  });

  test('leave the line when they are aborted or walk away', async () => {
    const { server, provider } = await openHosted({ concurrent: 1 });
    server.next(HANGING);
    const stopper = new AbortController();
    const running = read(provider, request(), stopper.signal);
    await server.request(1);
    const reason = new Error('stop pressed');
    const leaver = new AbortController();
    const left = read(provider, request(), leaver.signal);
    for await (const part of provider.stream(request(), new AbortController().signal)) {
      expect(part).toEqual({ type: 'queued', ahead: 2 });
      break;
    }
    leaver.abort(reason);
    expect((await left).error).toBe(reason);
    stopper.abort();
    await running;

    expect((await read(provider)).parts[0]?.type).toBe('delta');
  });
});
