import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ExpectedFailure } from '../../../../src/domain/failure.js';
import type { RefusalReason } from '../../../../src/ports/turns/inbox.js';
import { openWeb } from './open-web.js';

const ASK = { question: 'Why is the sky blue?', user_id: 'ann' };
const STREAM = { headers: { accept: 'text/event-stream' } };

let open: Awaited<ReturnType<typeof openWeb>>;
beforeEach(async () => {
  open = await openWeb({ answerLimitMs: 600_000 });
});
afterEach(() => open.close());

describe('what went wrong', () => {
  const refusals: readonly [RefusalReason, number, string | null][] = [
    ['empty', 400, null],
    ['too-long', 413, null],
    ['unknown-model', 400, null],
    ['bad-parameter', 400, null],
    ['turn-limit', 429, '60'],
    ['token-limit', 429, '3600'],
  ];
  test.each(refusals)('a refusal for %s is a %i with its sentence', async (reason, status, retryAfter) => {
    open.bot.refusal = { type: 'refused', reason, text: 'Because.' };
    const response = await open.post('/api/question', ASK, STREAM);
    expect(response.status).toBe(status);
    expect(response.headers.get('retry-after')).toBe(retryAfter);
    expect(await response.json()).toMatchObject({ error: { code: reason, message: 'Because.' } });
  });

  test('a refusal’s own wait is passed on', async () => {
    open.bot.refusal = { type: 'refused', reason: 'turn-limit', text: 'Slowly.', retryAfterMs: 12_300 };
    const response = await open.post('/api/question', ASK);
    expect(response.headers.get('retry-after')).toBe('13');
    expect(await response.json()).toMatchObject({ error: { retry_after: 13 } });
  });

  const failures = [
    ['provider-unavailable', 503],
    ['provider-overloaded', 503],
    ['model-missing', 503],
    ['provider-rejected', 502],
    ['empty-answer', 502],
    ['context-overflow', 413],
    ['bug', 500],
  ] as const;
  test.each(failures)('a turn that failed with %s is a %i', async (kind, status) => {
    open.bot.onAccepted = (turn) => turn.end({ state: 'failed', kind, notice: 'Not today.' });
    const response = await open.post('/api/question', ASK);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({
      error: { code: 'answer-failed', kind, message: 'Not today.' },
    });
  });

  test('a turn that was stopped before any text is a 409', async () => {
    open.bot.onAccepted = (turn) => turn.end({ state: 'cancelled' });
    expect((await open.post('/api/question', ASK)).status).toBe(409);
  });

  test('a database out of reach is a 503 that asks to try again', async () => {
    open.bot.failure = new ExpectedFailure('setup', 'postgres://secret@db is down', { retryable: true });
    const response = await open.post('/api/question', ASK);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
    expect(await response.text()).not.toContain('secret');
  });

  test('a bug is a 500 that tells nothing, and the log all but the text', async () => {
    open.bot.failure = new TypeError('x is not a function');
    const response = await open.post('/api/question', ASK);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('not a function');
    expect(open.log.lines).toContainEqual(expect.objectContaining({ level: 'error' }));
    expect(JSON.stringify(open.log.lines)).not.toContain(ASK.question);
  });
});
