import { describe, expect, test } from 'vitest';
import { awaitCondition } from '../../../../doubles/await-condition.js';
import { answer, type Reply } from '../../../../doubles/model-server/reply.js';
import { type OpenHosted, openHosted, read, request } from './open-hosted.js';

const hangsAfter = (tokens: number) =>
  answer('One two three four.', { break: { afterTokens: tokens, how: { kind: 'hang' } } });

/** Reads until the double hangs, then lets just less and then all of `ms` pass. */
async function readAcross({ server, provider, clock }: OpenHosted, reply: Reply, ms: number, shown = '') {
  server.next(reply);
  let text = '';
  let settled = false;
  const reading = (async () => {
    for await (const part of provider.stream(request(), new AbortController().signal)) {
      if (part.type === 'delta') text += part.text;
    }
  })().finally(() => {
    settled = true;
  });
  reading.catch(() => {});
  const asked = await server.request(1);
  await awaitCondition(() => text === shown);
  await clock.advance(ms - 1);
  expect(settled).toBe(false);
  await clock.advance(1);
  const error = await reading.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return { error, wasWhole: await asked.closed };
}

describe('a time limit', () => {
  test.each<[string, Reply]>([
    ['no headers', { fault: 'hang' }],
    ['headers alone', { fault: 'hang-after-headers' }],
    ['the role alone', hangsAfter(0)],
  ])('ends the wait for a first token after %s', async (_name, reply) => {
    const { error, wasWhole } = await readAcross(await openHosted({ firstTokenMs: 7_000 }), reply, 7_000);

    expect(error).toMatchObject({ kind: 'provider-unavailable', retryable: true });
    expect(error).toHaveProperty('message', expect.stringContaining('gave no token within 7000 ms'));
    expect(wasWhole).toBe(false);
  });

  test('ends a silence between tokens', async () => {
    const opened = await openHosted({ firstTokenMs: 1_000, betweenTokensMs: 5_000 });
    const { error, wasWhole } = await readAcross(opened, hangsAfter(2), 5_000, 'One two');

    expect(error).toMatchObject({ kind: 'provider-unavailable' });
    expect(error).toHaveProperty('message', expect.stringContaining('went silent for 5000 ms in its reply'));
    expect(wasWhole).toBe(false);
  });

  test('counts tokens of hidden reasoning as signs of life, not comments', async () => {
    const opened = await openHosted({ firstTokenMs: 1_000, betweenTokensMs: 5_000 });
    const reasoning = { field: 'reasoning', tokens: ['hm'] } as const;
    const reply = answer('x', {
      reasoning,
      comments: true,
      break: { afterTokens: 0, how: { kind: 'hang' } },
    });
    const { error } = await readAcross(opened, reply, 5_000);

    expect(error).toHaveProperty('message', expect.stringContaining('went silent for 5000 ms'));
  });

  test('ends the whole, however lively it is', async () => {
    const opened = await openHosted({ totalMs: 9_000, betweenTokensMs: 60_000 });
    const { error, wasWhole } = await readAcross(opened, hangsAfter(2), 9_000, 'One two');

    expect(error).toMatchObject({ kind: 'provider-unavailable' });
    expect(error).toHaveProperty('message', expect.stringContaining('took longer than 9000 ms'));
    expect(wasWhole).toBe(false);
  });

  test('waits only a little for the end of a stream whose reply is whole', async () => {
    const finish = `data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })}\n\n`;
    const opened = await openHosted({ trailerMs: 2_000 });
    opened.server.next(
      answer('Hello', {
        finishReason: null,
        done: false,
        break: { afterTokens: 1, how: { kind: 'bytes-then-hang', text: finish } },
      }),
    );
    const reading = read(opened.provider);
    await awaitCondition(() => opened.server.requests.length === 1);
    let outcome: Awaited<typeof reading> | undefined;
    void reading.then((done) => {
      outcome = done;
    });
    while (!outcome) await opened.clock.advance(500);

    expect(outcome).toMatchObject({ text: 'Hello', error: null, finish: { reason: 'stop' } });
  });

  test('does not count what a slow reader takes', async () => {
    const { server, provider, clock } = await openHosted({ betweenTokensMs: 1_000, firstTokenMs: 1_000 });
    // Paced, so that the socket is read after each pause of the reader.
    server.next(answer('One two three.', { paceMs: 2 }));
    let text = '';
    for await (const part of provider.stream(request(), new AbortController().signal)) {
      if (part.type === 'delta') text += part.text;
      await clock.advance(5_000);
    }

    expect(text).toBe('One two three.');
  });
});

describe('an abort', () => {
  test.each<[string, Reply]>([
    ['before headers', { fault: 'hang' }],
    ['before the first token', { fault: 'hang-after-headers' }],
    ['between tokens', hangsAfter(2)],
  ])('%s ends the request at once and throws its reason', async (_name, reply) => {
    const { server, provider } = await openHosted();
    server.next(reply);
    const stopper = new AbortController();
    const reason = new Error('stop pressed');
    const reading = read(provider, request(), stopper.signal);
    const asked = await server.request(1);
    stopper.abort(reason);

    expect((await reading).error).toBe(reason);
    expect(await asked.closed).toBe(false);
  });

  test('while waiting to try again throws its reason', async () => {
    const { server, provider, log } = await openHosted({ retries: 3 });
    server.setScript(() => ({ fault: 'reset' }));
    const stopper = new AbortController();
    const reason = new Error('stop pressed');
    const reading = read(provider, request(), stopper.signal);
    await awaitCondition(() => log.lines.length === 1);
    stopper.abort(reason);

    expect((await reading).error).toBe(reason);
    expect(server.requests).toHaveLength(1);
  });

  test('shows nothing more, though the whole answer is here already', async () => {
    const { provider } = await openHosted();
    const stopper = new AbortController();
    const shown: string[] = [];
    const reading = (async () => {
      for await (const part of provider.stream(request(), stopper.signal)) {
        if (part.type === 'delta') shown.push(part.text);
        stopper.abort(new Error('stop pressed'));
      }
    })();

    await expect(reading).rejects.toThrow('stop pressed');
    expect(shown).toHaveLength(1);
  });

  test('by stopping the provider ends all that runs and all that waits', async () => {
    const { server, provider } = await openHosted({ concurrent: 2 });
    server.next({ fault: 'hang' }, hangsAfter(1));
    const reading = [read(provider), read(provider), read(provider)];
    await server.request(2);
    await provider.stop();

    for (const { error } of await Promise.all(reading)) {
      expect(error).toMatchObject({ kind: 'provider-unavailable' });
      expect(error).toHaveProperty('message', expect.stringContaining('is no longer used'));
    }
  });
});
