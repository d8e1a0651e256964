import { describe, expect, test } from 'vitest';
import { ExpectedFailure } from '../../../../src/domain/failure.js';
import { awaitCondition } from '../../../doubles/await-condition.js';
import { FakeClock } from '../../../doubles/clocks/fake-clock.js';
import { deferred } from '../../../doubles/deferred.js';
import { RecordingDelivery } from '../../../doubles/recorders/recording-delivery.js';
import { crashed, endless, failing, openAnswering, say, silent, speech } from './answering.js';

describe('answerTurn', () => {
  const setup = openAnswering();
  const { record, claim, claimed, answered, shown, inTime } = setup;

  test('answers, stores what it said, and leaves nothing running', async () => {
    setup.speeches = [speech('Forty-two.')];
    const turn = await claimed();
    await answered(turn);
    expect(setup.delivery.texts).toEqual(['Forty-two.']);
    expect((await setup.turns().lookup.find(turn.id))?.outcome).toMatchObject({
      state: 'done',
      reply: 'Forty-two.',
    });
    expect(await setup.database().prisma.turn.findUnique({ where: { id: turn.id } })).toMatchObject({
      persona: 'assistant',
      firstTextMs: expect.any(Number),
    });
    expect(setup.ended).toMatchObject([{ state: 'done' }]);
    expect(setup.clock.sleeping).toBe(0);
  });

  test.each([
    { shows: 'typing', working: async () => {}, call: { type: 'working' } },
    {
      shows: 'a placeholder',
      working: () => Promise.reject(new ExpectedFailure('delivery-failed', 'no', { reason: 'rejected' })),
      call: { type: 'post', draft: { state: 'placeholder', text: '…' } },
    },
  ])('shows $shows at once while the model still loads, or hangs', async ({ working, call }) => {
    setup.speeches = [silent];
    const { delivery, clock } = setup;
    delivery.showWorking = async () => {
      await working();
      delivery.calls.push({ type: 'working' });
    };
    const start = clock.now();
    const stopping = new AbortController();
    const answering = answered(await claimed(), {}, stopping.signal);
    await awaitCondition(() => delivery.calls.length > 0 && setup.asked === 1);
    expect(delivery.calls).toMatchObject([call]);
    expect(clock.now() - start).toBeLessThan(1_000);
    stopping.abort(new Error('the worker stops'));
    await expect(answering).rejects.toThrow('the worker stops');
  });

  test('asks no model where a person stopped the turn before it was claimed', async () => {
    const { turnId, conversationId } = await record();
    await setup.turns().control.requestStop(turnId);
    await answered(await claim(conversationId));
    expect(setup.delivery.texts).toEqual([say.stopped]);
    expect(setup.ended).toEqual([{ state: 'cancelled' }]);
    expect(setup.asked).toBe(0);
  });

  test('keeps what was said until a person stopped it', async () => {
    setup.speeches = [endless('So far')];
    const turn = await claimed();
    const answering = answered(turn);
    await shown('So far');
    await setup.turns().control.requestStop(turn.id);
    await inTime(answering);
    expect(setup.ended).toMatchObject([{ state: 'done', reply: 'So far', finishReason: 'stopped' }]);
  });

  test('begins again in the same message where the model dies under text already shown, three times at most', async () => {
    setup.speeches = [failing('One', crashed()), failing('Two', crashed()), speech('Three.')];
    await answered(await claimed());
    expect(setup.delivery.texts).toEqual(['Three.']);
    expect([...setup.delivery.messages.keys()]).toHaveLength(1);

    setup.speeches = [failing('One', crashed()), failing('Two', crashed()), failing('Three', crashed())];
    setup.delivery = new RecordingDelivery();
    await answered(await claimed());
    expect(setup.delivery.texts).toEqual([`Three\n\n${say.cutShort}`]);
    expect(setup.ended.at(-1)).toMatchObject({ state: 'failed', kind: 'provider-unavailable' });
    expect(setup.asked).toBe(6);
  });

  test('stores nothing of a reply whose conversation was cleared meanwhile, and stops it', async () => {
    setup.speeches = [endless('A secret')];
    const turn = await claimed();
    const answering = answered(turn);
    await shown('A secret');
    await setup.memory().clear(turn.conversationId);
    await inTime(answering);
    const row = await setup.database().prisma.turn.findUnique({ where: { id: turn.id } });
    expect(row).toMatchObject({ reply: '', forgotten: true, state: 'done' });
    expect(await setup.memory().window(turn.conversationId, turn.id + 1, 10)).toEqual([]);
  });

  test('ends what the asker was shown of a turn that was cleared before it was answered, and asks no model', async () => {
    const { conversationId, turnId } = await record(true);
    await setup.memory().clear(conversationId);
    await answered(await claim(conversationId));
    expect(setup.delivery.texts).toEqual([say.cleared]);
    expect(setup.ended).toEqual([{ state: 'cancelled' }]);
    expect((await setup.turns().lookup.find(turnId))?.state).toBe('cancelled');
    expect(setup.asked).toBe(0);
  });

  test('says nothing of a cleared turn where nothing was shown', async () => {
    const turn = await claimed();
    await setup.turns().claims.release(turn);
    await setup.memory().clear(turn.conversationId);
    await answered(await claim(turn.conversationId));
    expect(setup.delivery.calls).toEqual([]);
    expect(setup.ended).toEqual([{ state: 'cancelled' }]);
  });

  test('calls the asker’s attention once, after a reply that took over a minute', async () => {
    const minute = deferred();
    setup.speeches = [speech('Slowly.', () => minute.promise), speech('Quickly.')];
    const turn = await claimed();
    const answering = answered(turn);
    await shown('Slowly.');
    await setup.clock.advance(61_000);
    minute.resolve();
    await inTime(answering);
    expect(setup.delivery.calls.slice(-2).map(({ type }) => type)).toEqual(['edit', 'attention']);

    setup.clock = new FakeClock(Date.now());
    await answered(await claimed());
    expect(setup.delivery.calls.filter(({ type }) => type === 'attention')).toHaveLength(1);
  });
});
