import { describe, expect, test } from 'vitest';
import { ExpectedFailure } from '../../../../src/domain/failure.js';
import { RecordingDelivery } from '../../../doubles/recorders/recording-delivery.js';
import { FINAL, openWriter, unavailable } from './open-writer.js';

const shown = (delivery: RecordingDelivery) =>
  delivery.calls.flatMap((call) => ('draft' in call ? [call.draft.text] : []));

describe('ReplyWriter', () => {
  test('charges an edit to every budget it is counted in, the last one urgently', async () => {
    const delivery = new RecordingDelivery({ rate: { edits: 1, perMs: 1_000 } });
    const inner = { key: 'workspace', rate: { edits: 9, perMs: 9_000 } };
    delivery.budget = () => ({ key: 'channel', rate: delivery.rate, within: inner });
    const { writer, clock, taken } = openWriter({ delivery });
    writer.show({ type: 'streaming', text: 'one' });
    await clock.advance(0);
    writer.show({ type: 'streaming', text: 'one two' });
    await clock.advance(1_000);
    await writer.finish({ ...FINAL, text: 'one two three' });
    expect(taken.map(({ key, urgent }) => ({ key, urgent }))).toEqual([
      { key: 'channel', urgent: false },
      { key: 'workspace', urgent: false },
      { key: 'channel', urgent: true },
      { key: 'workspace', urgent: true },
    ]);
  });

  test('charges anew where the text moved on, meanwhile, to an edit of another kind', async () => {
    const delivery = new RecordingDelivery({ partLimit: 200, rate: { edits: 1, perMs: 1_000 } });
    delivery.budget = (_target?: unknown, edit?: { readonly part: { readonly state: string } }) => ({
      key: edit?.part.state ?? '',
      rate: delivery.rate,
    });
    const { writer, clock, taken } = openWriter({ delivery });
    writer.show({ type: 'streaming', text: 'one' });
    await clock.advance(0);
    writer.show({ type: 'streaming', text: 'one two' });
    await clock.advance(500);
    writer.show({ type: 'streaming', text: `one two ${'three '.repeat(30)}` });
    await clock.advance(3_000);
    const edits = delivery.calls.flatMap((call) => (call.type === 'edit' ? [call.draft.state] : []));
    expect(edits).toEqual(['final']);
    expect(taken.map(({ key }) => key)).toEqual(['streaming', 'final']);
  });

  test('posts a second answer anew where the first was deleted since; one deleted while it is written stops it', async () => {
    const first = { index: 0, messageId: 'deleted' };
    const { writer, delivery, clock, recorded } = openWriter({ parts: [first], revision: 1 });
    const gone = () => new ExpectedFailure('delivery-failed', 'deleted', { reason: 'gone' });
    delivery.failures.push({ error: gone() });
    writer.show({ type: 'streaming', text: 'again' });
    await clock.advance(0);
    expect(delivery.calls).toMatchObject([{ type: 'post', messageId: 'm7-0', draft: { text: 'again' } }]);
    expect(recorded).toEqual([{ index: 0, messageId: 'm7-0' }]);
    delivery.failures.push({ error: gone() });
    await expect(writer.finish({ ...FINAL, text: 'again and again' })).rejects.toMatchObject({
      reason: 'gone',
    });
  });

  test('posts nothing anew for a first answer that was deleted', async () => {
    const { writer, delivery } = openWriter({ parts: [{ index: 0, messageId: 'deleted' }] });
    delivery.failures.push({ error: new ExpectedFailure('delivery-failed', 'deleted', { reason: 'gone' }) });
    await expect(writer.finish({ ...FINAL, text: 'x' })).rejects.toMatchObject({ reason: 'gone' });
    expect(delivery.calls).toEqual([]);
  });

  test('puts the first text on the platform at once and later texts at the budget’s spacing, the latest winning', async () => {
    const { writer, delivery, clock } = openWriter();
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
    const { writer, delivery, clock, taken } = openWriter();
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
    expect(taken).toMatchObject([{ urgent: true, at: clock.now() }]);
  });

  test('does not wait for an edit’s turn once the reply is final', async () => {
    const { writer, delivery, clock } = openWriter();
    writer.show({ type: 'streaming', text: 'one' });
    await clock.advance(0);
    writer.show({ type: 'streaming', text: 'one two' });
    await clock.advance(10); // the edit now sleeps for its spacing
    await writer.finish({ ...FINAL, text: 'done' });
    expect(shown(delivery)).toEqual(['one', 'done']);
  });

  test('splits a long reply; earlier parts lose their controls and are not touched again', async () => {
    const { writer, delivery, clock } = openWriter({ delivery: new RecordingDelivery({ partLimit: 220 }) });
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
    const { writer, recorded, clock } = openWriter();
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
    const { writer, delivery } = openWriter({ parts });
    await expect(writer.finish({ ...FINAL, text: 'short' })).resolves.toEqual([{ index: 0, messageId: 'a' }]);
    expect(delivery.calls.map((call) => call.type)).toEqual(['edit', 'remove']);
  });

  test('tries the last edit again until the platform is back', async () => {
    const { writer, delivery, clock } = openWriter();
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
    const { writer, delivery, clock, refusals } = openWriter();
    for (let i = 0; i < 20; i++) delivery.failures.push({ error: unavailable() });
    const finished = writer.finish({ ...FINAL, text: 'the end' });
    const outcome = expect(finished).rejects.toMatchObject({ kind: 'delivery-failed', retryable: true });
    await clock.advance(130_000);
    await outcome;
    expect(refusals).toHaveLength(1);
  });

  test('reports a refusal at once, so that no more text is generated', async () => {
    const { writer, delivery, clock, refusals } = openWriter();
    delivery.failures.push({ error: new ExpectedFailure('delivery-failed', 'deleted', { reason: 'gone' }) });
    writer.show({ type: 'streaming', text: 'one' });
    await clock.advance(0);
    expect(refusals).toMatchObject([{ reason: 'gone' }]);
    await expect(writer.finish({ ...FINAL, text: 'one' })).rejects.toThrow('deleted');
  });

  test('ends without another word when another worker took the turn over', async () => {
    const { writer, delivery, clock, refusals } = openWriter({ held: false });
    writer.show({ type: 'streaming', text: 'one' });
    await clock.advance(0);
    expect(refusals).toMatchObject([{ name: 'LeaseLost' }]);
    await expect(writer.finish({ ...FINAL, text: 'one two' })).rejects.toThrow('took this turn over');
    expect(delivery.calls).toHaveLength(1);
  });

  test('writes nothing more once it was stopped', async () => {
    const { writer, delivery, clock } = openWriter();
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
    const { writer, clock, abort } = openWriter();
    writer.show({ type: 'placeholder', notice: 'Thinking…' });
    await clock.advance(0);
    abort.abort(new Error('shutting down'));
    await expect(writer.finish({ ...FINAL, text: 'one' })).rejects.toThrow('shutting down');
  });
});
