import { describe, expect, test } from 'vitest';
import { ExpectedFailure } from '../../../src/domain/failure.js';
import type { PostedPart } from '../../../src/domain/turn.js';
import { ReplyWriter } from '../../../src/pipeline/reply-writer.js';
import { FakeClock } from '../../doubles/fake-clock.js';
import { RecordingDelivery } from '../../doubles/recording-delivery.js';

const FINAL = { type: 'final', controls: 'rate-and-regenerate' } as const;
const unavailable = () => new ExpectedFailure('delivery-failed', 'away', { reason: 'unavailable' });

interface Setup {
  readonly delivery?: RecordingDelivery;
  readonly parts?: readonly PostedPart[];
  readonly held?: boolean;
}

function setup({ delivery = new RecordingDelivery(), parts = [], held = true }: Setup = {}) {
  const clock = new FakeClock();
  const abort = new AbortController();
  const recorded: PostedPart[] = [];
  const refusals: Error[] = [];
  const taken: { urgent: boolean; at: number }[] = [];
  const writer = new ReplyWriter({
    identity: { turnId: 7, revision: 0 },
    target: { platform: 'discord' },
    firstAttempt: parts.length === 0,
    parts,
    delivery,
    budget: {
      take: async (_key, _rate, urgent) => void taken.push({ urgent, at: clock.now() }),
      pause: () => {},
    },
    clock,
    record: async (part) => {
      recorded.push(part);
      return held;
    },
    forget: async (index) => void recorded.splice(index, 1),
    onRefused: (failure) => refusals.push(failure),
    signal: abort.signal,
  });
  return { writer, delivery, clock, abort, recorded, refusals, taken };
}

const shown = (delivery: RecordingDelivery) =>
  delivery.calls.flatMap((call) => ('draft' in call ? [call.draft.text] : []));

describe('ReplyWriter', () => {
  test('puts the first text on the platform at once and later texts at the budget’s spacing, the latest winning', async () => {
    const { writer, delivery, clock } = setup();
    writer.show({ type: 'streaming', text: 'one' });
    await clock.advance(0);
    expect(shown(delivery)).toEqual(['one']);
    writer.show({ type: 'streaming', text: 'one two' });
    await clock.advance(400);
    writer.show({ type: 'streaming', text: 'one two three' });
    await clock.advance(599);
    expect(shown(delivery)).toEqual(['one']);
    await clock.advance(1);
    expect(shown(delivery)).toEqual(['one', 'one two three']);
    await writer.finish({ ...FINAL, text: 'one two three' });
  });

  test('sends the last edit at once, urgently, and never an identical one', async () => {
    const { writer, delivery, clock, taken } = setup();
    writer.show({ type: 'streaming', text: 'one' });
    await clock.advance(0);
    writer.show({ type: 'streaming', text: 'one' });
    await clock.advance(5_000);
    expect(shown(delivery)).toEqual(['one']);
    await writer.finish({ ...FINAL, text: 'one and all', footer: 'Answered by small' });
    expect(delivery.calls.at(-1)).toMatchObject({
      type: 'edit',
      draft: {
        text: 'one and all',
        state: 'final',
        footer: 'Answered by small',
        controls: 'rate-and-regenerate',
      },
    });
    expect(taken).toEqual([{ urgent: true, at: clock.now() }]);
  });

  test('does not wait for an edit’s turn once the reply is final', async () => {
    const { writer, delivery, clock } = setup();
    writer.show({ type: 'streaming', text: 'one' });
    await clock.advance(0);
    writer.show({ type: 'streaming', text: 'one two' });
    await clock.advance(10); // the edit now sleeps for its spacing
    await writer.finish({ ...FINAL, text: 'done' });
    expect(shown(delivery)).toEqual(['one', 'done']);
  });

  test('splits a long reply; earlier parts lose their controls and are not touched again', async () => {
    const { writer, delivery, clock } = setup({ delivery: new RecordingDelivery({ partLimit: 220 }) });
    const text = Array.from({ length: 40 }, (_, i) => `word${i}`).join(' ');
    writer.show({ type: 'streaming', text: text.slice(0, 60) });
    await clock.advance(0);
    const finished = writer.finish({ ...FINAL, text });
    await clock.advance(0);
    const parts = await finished;
    expect(parts.length).toBeGreaterThan(2);
    expect(delivery.texts.join(' ').split(/\s+/)).toEqual(text.split(' '));
    const drafts = [...delivery.messages.values()];
    expect(drafts.map((draft) => draft.controls)).toEqual([
      ...Array(parts.length - 1).fill('none'),
      'rate-and-regenerate',
    ]);
  });

  test('stores each part’s id before the next step', async () => {
    const { writer, recorded, clock } = setup();
    writer.show({ type: 'streaming', text: 'one' });
    await clock.advance(0);
    expect(recorded).toEqual([{ index: 0, messageId: 'm7-0' }]);
    await writer.finish({ ...FINAL, text: 'one' });
  });

  test('edits the parts an earlier attempt posted and removes those left over', async () => {
    const parts = [
      { index: 0, messageId: 'a' },
      { index: 1, messageId: 'b' },
    ];
    const { writer, delivery } = setup({ parts });
    await expect(writer.finish({ ...FINAL, text: 'short' })).resolves.toEqual([{ index: 0, messageId: 'a' }]);
    expect(delivery.calls.map((call) => call.type)).toEqual(['edit', 'remove']);
  });

  test('tries the last edit again until the platform is back', async () => {
    const { writer, delivery, clock } = setup();
    writer.show({ type: 'streaming', text: 'one' });
    await clock.advance(0);
    delivery.failures.push(
      { error: unavailable() },
      { error: unavailable() },
      { error: unavailable(), applied: true },
    );
    const finished = writer.finish({ ...FINAL, text: 'the end' });
    await clock.advance(20_000);
    await finished;
    expect(delivery.texts).toEqual(['the end']);
  });

  test('gives up after about two minutes out of reach, so that the turn can run again later', async () => {
    const { writer, delivery, clock, refusals } = setup();
    for (let i = 0; i < 20; i++) delivery.failures.push({ error: unavailable() });
    const finished = writer.finish({ ...FINAL, text: 'the end' });
    const outcome = expect(finished).rejects.toMatchObject({ kind: 'delivery-failed', retryable: true });
    await clock.advance(130_000);
    await outcome;
    expect(refusals).toHaveLength(1);
  });

  test('reports a refusal at once, so that no more text is generated', async () => {
    const { writer, delivery, clock, refusals } = setup();
    delivery.failures.push({ error: new ExpectedFailure('delivery-failed', 'deleted', { reason: 'gone' }) });
    writer.show({ type: 'streaming', text: 'one' });
    await clock.advance(0);
    expect(refusals).toMatchObject([{ reason: 'gone' }]);
    await expect(writer.finish({ ...FINAL, text: 'one' })).rejects.toThrow('deleted');
  });

  test('ends without another word when another worker took the turn over', async () => {
    const { writer, delivery, clock, refusals } = setup({ held: false });
    writer.show({ type: 'streaming', text: 'one' });
    await clock.advance(0);
    expect(refusals).toMatchObject([{ name: 'LeaseLost' }]);
    await expect(writer.finish({ ...FINAL, text: 'one two' })).rejects.toThrow('took this turn over');
    expect(delivery.calls).toHaveLength(1);
  });

  test('writes nothing more once it was stopped', async () => {
    const { writer, delivery, clock } = setup();
    writer.show({ type: 'streaming', text: 'one' });
    await clock.advance(0);
    writer.show({ type: 'streaming', text: 'one two' });
    await writer.stop();
    writer.show({ type: 'streaming', text: 'one two three' });
    await clock.advance(10_000);
    expect(shown(delivery)).toEqual(['one']);
    expect(clock.sleeping).toBe(0);
  });

  test('stops when the worker stops', async () => {
    const { writer, clock, abort } = setup();
    writer.show({ type: 'placeholder', notice: 'Thinking…' });
    await clock.advance(0);
    abort.abort(new Error('shutting down'));
    await expect(writer.finish({ ...FINAL, text: 'one' })).rejects.toThrow('shutting down');
  });
});
