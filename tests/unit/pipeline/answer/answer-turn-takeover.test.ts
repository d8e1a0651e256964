import { describe, expect, test } from 'vitest';
import { deferred } from '../../../doubles/deferred.js';
import { BEGIN, END, endless, LEASE, openAnswering, speech } from './answering.js';

describe('answerTurn, where another worker takes over', () => {
  const setup = openAnswering();
  const { claim, claimed, takenOver, answered, shown, stateOf, inTime } = setup;

  test('touches nothing once the heartbeat finds that another worker took over', async () => {
    setup.speeches = [endless('Half')];
    const turn = await claimed();
    const answering = answered(turn);
    await shown('Half');
    await takenOver(turn);
    const before = setup.delivery.calls.length;
    await inTime(answering);
    await setup.clock.advance(60_000);
    expect(setup.delivery.calls).toHaveLength(before);
    expect(await stateOf(turn)).toBe('running');
    expect(setup.ended).toEqual([]);
  });

  test('touches nothing where its reply is ready before the heartbeat tells that another worker took over', async () => {
    const takeover = deferred();
    setup.speeches = [
      async function* () {
        yield* [BEGIN, { type: 'delta', text: 'Half' }] as const;
        await takeover.promise;
        yield* [{ type: 'delta', text: ' of it.' }, END] as const;
      },
    ];
    const turn = await claimed();
    const answering = answered(turn);
    await shown('Half');
    const second = await takenOver(turn);
    takeover.resolve();
    await answering;
    expect(setup.delivery.texts).toEqual(['Half']);
    expect(setup.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
    setup.speeches = [speech('Whole.')];
    await answered(second);
    expect(setup.delivery.texts).toEqual(['Whole.']);
    expect(setup.ended).toMatchObject([{ state: 'done', reply: 'Whole.' }]);
  });

  test('sends nothing after its process stood still for longer than its lease', async () => {
    const awake = deferred();
    setup.speeches = [
      async function* () {
        yield* [BEGIN, { type: 'delta', text: 'Half' }] as const;
        await awake.promise;
        yield* [{ type: 'delta', text: ' of it.' }, END] as const;
      },
      speech('Whole.'),
    ];
    const turn = await claimed();
    const answering = answered(turn);
    await shown('Half');
    setup.clock.jump(LEASE.leaseMs);
    await answered(await takenOver(turn));
    awake.resolve();
    await answering;
    expect(setup.delivery.texts).toEqual(['Whole.']);
    expect(setup.ended).toHaveLength(1);
  });

  test('ends the generation where another worker took over before the first message was stored', async () => {
    const stopped = deferred();
    setup.speeches = [endless('Half', stopped.resolve)];
    const turn = await claimed();
    await takenOver(turn);
    await answered(turn);
    await stopped.promise;
    expect(setup.delivery.calls.filter(({ type }) => type !== 'working')).toHaveLength(1);
    expect(setup.ended).toEqual([]);
  });

  test('gives the turn back when the worker stops, and the next one edits the same message', async () => {
    setup.speeches = [endless('Half'), speech('Whole.')];
    const turn = await claimed();
    const stopping = new AbortController();
    const answering = answered(turn, {}, stopping.signal);
    await shown('Half');
    stopping.abort(new Error('the worker stops'));
    await expect(answering).rejects.toThrow('the worker stops');
    expect(await stateOf(turn)).toBe('pending');
    await answered(await claim(turn.conversationId, 'two'));
    expect(setup.delivery.texts).toEqual(['Whole.']);
    expect(setup.delivery.messages.size).toBe(1);
  });
});
