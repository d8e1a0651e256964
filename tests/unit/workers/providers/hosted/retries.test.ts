import { afterEach, describe, expect, test, vi } from 'vitest';
import { awaitCondition } from '../../../../doubles/await-condition.js';
import {
  answer,
  errorReply,
  overloaded,
  type Reply,
  serverError,
} from '../../../../doubles/model-server/reply.js';
import { type OpenHosted, openHosted, read, request } from './open-hosted.js';

afterEach(() => {
  vi.useRealTimers();
});

/** Reads, letting each pause pass as soon as it is announced; returns their lengths. */
async function readThrough({ provider, log, clock }: OpenHosted) {
  const waits: number[] = [];
  let settled = false;
  const reading = read(provider).finally(() => {
    settled = true;
  });
  const pauses = () => log.lines.flatMap(({ fields }) => ('waitMs' in fields ? [Number(fields.waitMs)] : []));
  for (;;) {
    await awaitCondition(() => settled || pauses().length > waits.length);
    const wait = pauses()[waits.length];
    if (wait === undefined) break;
    waits.push(wait);
    await clock.advance(wait - 1);
    expect(settled).toBe(false);
    await clock.advance(1);
  }
  return { ...(await reading), waits };
}

describe('a failed request', () => {
  test.each<[string, Reply]>([
    ['a server error', serverError()],
    ['too many requests', overloaded()],
    ['a torn connection', { fault: 'reset' }],
    ['an answer cut off before any text', answer('x', { break: { afterTokens: 0, how: { kind: 'end' } } })],
  ])('is tried again after %s, with growing pauses', async (_name, reply) => {
    const opened = await openHosted({ retries: 2, backoffMs: 400 });
    opened.server.next(reply, reply, 'Third time lucky.');
    const { text, waits } = await readThrough(opened);

    expect(text).toBe('Third time lucky.');
    // Half of each step, and half of the other half: the random source says 0.5.
    expect(waits).toEqual([300, 600]);
  });

  test('is given up after so many tries', async () => {
    const opened = await openHosted({ retries: 2 });
    opened.server.setScript(() => serverError());
    const { error } = await readThrough(opened);

    expect(error).toMatchObject({ kind: 'provider-unavailable' });
    expect(opened.server.requests).toHaveLength(3);
  });

  test.each<Reply>([
    errorReply(401, { message: 'no' }),
    errorReply(400, { message: 'no', code: 'context_length_exceeded' }),
  ])('is not tried again where that cannot help', async (reply) => {
    const opened = await openHosted({ retries: 2 });
    opened.server.setScript(() => reply);
    await readThrough(opened);

    expect(opened.server.requests).toHaveLength(1);
  });

  test('is not tried again once text was shown', async () => {
    const opened = await openHosted({ retries: 2 });
    opened.server.setScript(() =>
      answer('One two three', { break: { afterTokens: 2, how: { kind: 'reset' } } }),
    );
    const { text } = await readThrough(opened);

    expect(text).toBe('One two');
    expect(opened.server.requests).toHaveLength(1);
  });

  test('waits as long as the endpoint asks for, in seconds', async () => {
    const opened = await openHosted({ retries: 1 });
    opened.server.next(overloaded('7'), 'Now.');
    const { text, waits } = await readThrough(opened);

    expect([text, waits]).toEqual(['Now.', [7000]]);
  });

  test('waits as long as the endpoint asks for, until a date', async () => {
    const opened = await openHosted({ retries: 1 });
    opened.server.next(overloaded(new Date(opened.clock.now() + 9000).toUTCString()), 'Now.');
    const { text, waits } = await readThrough(opened);

    expect([text, waits]).toEqual(['Now.', [9000]]);
  });

  test('does not wait long where a fallback could answer: it passes on what was asked for, to a limit', async () => {
    const opened = await openHosted({ retries: 1, retryWithinMs: 5_000, retryAfterCapMs: 60_000 });
    opened.server.next(overloaded('30'), overloaded('86400'));

    expect((await readThrough(opened)).error).toMatchObject({
      kind: 'provider-overloaded',
      retryAfterMs: 30_000,
    });
    expect((await readThrough(opened)).error).toMatchObject({
      kind: 'provider-overloaded',
      retryAfterMs: 60_000,
    });
    expect(opened.server.requests).toHaveLength(2);
  });

  test('that failed slowly is not tried again', async () => {
    const opened = await openHosted({ retries: 2, firstTokenMs: 20_000, retryWithinMs: 15_000 });
    opened.server.setScript(() => ({ fault: 'hang' }));
    const reading = read(opened.provider);
    await opened.server.request(1);
    await opened.clock.advance(20_000);
    await reading;

    expect(opened.server.requests).toHaveLength(1);
  });
});

describe('an endpoint that keeps failing', () => {
  test('is left alone, then tried with one request, then used again', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { server, provider, log, metrics } = await openHosted({
      breakerFailures: 3,
      breakerRestMs: 30_000,
    });
    server.setScript(() => serverError());
    for (let n = 0; n < 3; n++) await read(provider);
    const { error } = await read(provider);

    expect(error).toMatchObject({ kind: 'provider-unavailable', retryAfterMs: 30_000 });
    expect(error).toHaveProperty('message', expect.stringContaining('is left alone for a while'));
    expect(server.requests).toHaveLength(3);
    expect(log.lines).toMatchObject([{ level: 'warn', message: 'endpoint left alone' }]);

    vi.setSystemTime(Date.now() + 30_001);
    server.next({ fault: 'hang-after-headers' });
    const stopper = new AbortController();
    const trying = read(provider, request(), stopper.signal);
    await server.request(4);
    expect((await read(provider)).error).toHaveProperty('message', expect.stringContaining('is left alone'));
    stopper.abort();
    await trying;

    server.setScript(() => 'Better now.');
    expect((await read(provider)).text).toBe('Better now.');
    expect(server.requests).toHaveLength(5);
    const states = metrics.of('breaker').map(([_endpoint, state]) => state);
    expect(states).toEqual(['closed', 'open', 'half-open', 'closed']);
  });

  test('stays in use where it only refuses', async () => {
    const { server, provider } = await openHosted({ breakerFailures: 2 });
    server.next(...Array<Reply>(4).fill(errorReply(400, { message: 'no' })));
    for (let n = 0; n < 4; n++) await read(provider);

    expect((await read(provider)).finish?.reason).toBe('stop');
  });
});
