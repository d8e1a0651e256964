import { expect, test } from 'vitest';
import type { EditBudget } from '../../../../../src/ports/delivery/edit-budget.js';
import { final, openDelivery, streaming } from './open-delivery.js';

const signal = new AbortController().signal;
const WORKSPACE = 'slack/A0PARLEY/T0PARLEY';

/** Grants all but what a test holds back, and remembers what was asked. */
class RecordingBudget implements EditBudget {
  readonly taken: string[] = [];
  readonly pauses: { key: string; ms: number }[] = [];
  readonly #held: string;

  constructor(held = 'nothing') {
    this.#held = held;
  }

  async take(key: string, _rate: unknown, urgent: boolean, given: AbortSignal): Promise<void> {
    const method = key.replace(`${WORKSPACE}/`, '');
    this.taken.push(urgent ? `${method}!` : method);
    given.throwIfAborted();
    if (method === this.#held)
      await new Promise((_, reject) => given.addEventListener('abort', () => reject(given.reason)));
  }

  pause(key: string, ms: number): void {
    this.pauses.push({ key, ms });
  }
}

test('edits of each kind are charged to their method in their workspace', async () => {
  const { delivery, target } = await openDelivery();
  const plain = await delivery.post(target, final('Hello'), signal);
  const stream = await delivery.post(target, streaming('Once', { turnId: 8 }), signal);
  const keyOf = (posted: typeof plain, part: typeof final) =>
    delivery.budget(target, { posted, part: part('Once upon') });
  expect(keyOf(stream, streaming).key).toBe(`${WORKSPACE}/chat.appendStream`);
  expect(keyOf(stream, final).key).toBe(`${WORKSPACE}/chat.stopStream`);
  expect(keyOf(plain, final)).toEqual({
    key: `${WORKSPACE}/chat.update`,
    rate: { edits: 45, perMs: 60_000 },
  });
  expect(keyOf(plain, streaming)).toMatchObject({
    key: `${WORKSPACE}/chat.update/growing`,
    within: { key: `${WORKSPACE}/chat.update`, rate: { edits: 36, perMs: 60_000 } },
  });
});

test('two workspaces, and two apps, count apart', async () => {
  const { delivery, target } = await openDelivery();
  const keys = [target, { ...target, team: 'T2' }, { ...target, app: 'A2' }].map(
    (each) => delivery.budget(each).key,
  );
  expect(new Set(keys).size).toBe(3);
});

test('a stream counts every call that its caller has not counted', async () => {
  const budget = new RecordingBudget();
  const { delivery, target, general } = await openDelivery({}, { budget });
  let posted = await delivery.post(target, streaming('Once'), signal);
  posted = await delivery.edit(target, posted, streaming('Once upon'), signal);
  await delivery.edit(target, posted, final('Once upon a time.'), signal);
  // The append and the stop are the caller's.
  expect(budget.taken).toEqual(['chat.startStream', 'chat.update!']);
  budget.taken.length = 0;
  await delivery.post(target, final('Another', { index: 1 }), signal);
  await delivery.remove(target, { index: 1, messageId: posted.messageId }, signal);
  await delivery.post(target, final('Again', { index: 1, certainlyNew: false }), signal);
  expect(budget.taken).toEqual([
    `chat.postMessage/${general.id}`,
    'chat.delete',
    'conversations.replies',
    'chat.update!',
  ]);
});

test('a stream that cannot go on is closed and edited, both counted', async () => {
  const budget = new RecordingBudget();
  const { slack, delivery, target, another } = await openDelivery({}, { budget });
  const posted = await delivery.post(target, streaming('Once'), signal);
  slack.fail('chat.appendStream', { type: 'lose-answer' });
  await delivery.edit(target, posted, streaming('Once upon'), signal);
  expect(budget.taken).toEqual(['chat.startStream', 'chat.stopStream', 'chat.update']);
  // A worker that takes over and does not know of the stream.
  const left = await delivery.post(target, streaming('Two', { turnId: 9 }), signal);
  budget.taken.length = 0;
  await another().edit(target, left, final('Two and two'), signal);
  expect(budget.taken).toEqual(['chat.stopStream!', 'chat.update!']);
});

test('where no stream may begin now, the reply is posted instead of waiting', async () => {
  const budget = new RecordingBudget('chat.startStream');
  const { slack, delivery, target, general } = await openDelivery({}, { budget });
  await delivery.post(target, streaming('Once'), signal);
  expect(slack.callsTo('chat.startStream')).toEqual([]);
  expect(slack.shown(general)).toEqual(['Once']);
});

test('an abort while a call waits for its turn ends it, and nothing is posted', async () => {
  const budget = new RecordingBudget('chat.startStream');
  const { slack, delivery, target } = await openDelivery({}, { budget });
  const aborter = new AbortController();
  const post = delivery.post(target, streaming('Once'), aborter.signal);
  const reason = new Error('the lease was lost');
  aborter.abort(reason);
  await expect(post).rejects.toBe(reason);
  expect(slack.calls).toEqual([]);
});

test('a 429 all the same holds everybody back from that method in that workspace', async () => {
  const budget = new RecordingBudget();
  const { slack, delivery, target } = await openDelivery({}, { budget });
  const posted = await delivery.post(target, final('Hello'), signal);
  slack.fail('chat.update', { type: 'rate-limit', retryAfter: 7 });
  await expect(delivery.edit(target, posted, final('Hello again'), signal)).rejects.toMatchObject({
    reason: 'unavailable',
    retryAfterMs: 7_000,
  });
  slack.fail('chat.startStream', { type: 'rate-limit' });
  await delivery.post(target, streaming('Once', { turnId: 8 }), signal);
  expect(budget.pauses).toEqual([
    { key: `${WORKSPACE}/chat.update`, ms: 7_000 },
    { key: `${WORKSPACE}/chat.startStream`, ms: 5_000 },
  ]);
});
