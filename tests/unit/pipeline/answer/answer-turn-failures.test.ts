import { describe, expect, test } from 'vitest';
import type { ClaimedTurn } from '../../../../src/domain/turn.js';
import { deferred } from '../../../doubles/deferred.js';
import {
  away,
  brokenStore,
  databaseAway,
  endless,
  gone,
  LEASE,
  openAnswering,
  say,
  speech,
} from './answering.js';

describe('answerTurn, where something fails', () => {
  const setup = openAnswering();
  const { record, claim, claimed, change, takenOver, answered, stateOf, inTime } = setup;

  test('leaves a turn to other workers, and names the variable, where this one has no token for its platform', async () => {
    const turn = await claimed();
    const unable = { deliveries: new Map() };
    await expect(answered(turn, unable)).rejects.toMatchObject({ kind: 'setup', retryable: true });
    expect(await stateOf(turn)).toBe('pending');
    const told = setup.log.lines.find(({ level }) => level === 'error');
    expect(told?.message).toContain('set DISCORD_TOKEN');
    setup.speeches = [speech('Yes.')];
    await answered(await claim(turn.conversationId, 'two'));
    expect(setup.delivery.texts).toEqual(['Yes.']);
  });

  test('ends a turn that no worker could ever deliver', async () => {
    const turn = await claimed();
    await change(turn.id, { attempt: 101 });
    await answered({ ...turn, attempt: 101 }, { deliveries: new Map() });
    expect(setup.ended).toEqual([{ state: 'failed', kind: 'setup', notice: '' }]);
  });

  test('ends the generation where the platform refuses the reply', async () => {
    const stopped = deferred();
    setup.speeches = [endless('Nobody reads this', stopped.resolve)];
    setup.delivery.failures.push({ error: gone() });
    await answered(await claimed());
    await stopped.promise;
    expect(setup.ended).toEqual([{ state: 'failed', kind: 'delivery-failed', notice: '' }]);
  });

  test('gives the turn back where the platform stays away; later the kept reply goes out, and no model is asked', async () => {
    setup.speeches = [speech('Forty-two.')];
    for (let i = 0; i < 12; i++) setup.delivery.failures.push({ error: away() });
    const turn = await claimed();
    await expect(inTime(answered(turn))).rejects.toMatchObject({ kind: 'delivery-failed', retryable: true });
    expect(await stateOf(turn)).toBe('pending');
    expect(setup.ended).toEqual([]);

    setup.delivery.failures.length = 0;
    await answered(await claim(turn.conversationId));
    expect(setup.delivery.texts).toEqual(['Forty-two.']);
    expect(setup.ended).toMatchObject([{ state: 'done', reply: 'Forty-two.' }]);
    expect(setup.asked).toBe(1);
  });

  test('runs again, and says nothing of it, where the database fails while the reply is kept', async () => {
    setup.speeches = [speech('Forty-two.'), speech('Forty-three.')];
    const turn = await claimed();
    const broken = {
      keepReply: () => Promise.reject(databaseAway()),
      release: () => Promise.reject(new Error('the database is still out of reach')),
    };
    const failing = answered(turn, { claims: brokenStore(setup.turns().claims, broken) });
    await expect(failing).rejects.toThrow('the database is out of reach');
    const before = setup.delivery.calls.length;
    await setup.clock.advance(60_000);
    expect(setup.delivery.calls).toHaveLength(before);
    expect(setup.delivery.texts.join()).not.toContain(say.cutShort);
    expect(setup.clock.sleeping).toBe(0);

    await answered(await takenOver(turn));
    expect(setup.delivery.texts).toEqual(['Forty-three.']);
  });

  test('runs again where the database fails while the model writes, with nothing under way when it is given back', async () => {
    let underWay = 0;
    const posting = deferred();
    setup.delivery.post = async (_target, _draft, signal) => {
      underWay += 1;
      posting.resolve();
      return new Promise((_resolve, reject) => {
        const end = () => {
          underWay -= 1;
          reject(signal.reason);
        };
        signal.addEventListener('abort', end, { once: true });
      });
    };
    let left: number | undefined;
    const release = async (turn: ClaimedTurn) => {
      left = underWay;
      await setup.turns().claims.release(turn);
    };
    setup.speeches = [speech('Forty', () => posting.promise.then(() => Promise.reject(databaseAway())))];
    const turn = await claimed();
    const failing = answered(turn, { claims: brokenStore(setup.turns().claims, { release }) });
    await expect(failing).rejects.toThrow('the database is out of reach');
    expect(left).toBe(0);
    expect(await stateOf(turn)).toBe('pending');
  });

  test('gives a turn up that was claimed over a hundred times, and tells the asker', async () => {
    const { turnId, conversationId } = await record();
    await change(turnId, { attempt: 100 });
    await answered(await claim(conversationId));
    expect(setup.delivery.texts).toEqual([say.failed('bug')]);
    expect(setup.ended).toEqual([{ state: 'failed', kind: 'bug', notice: say.failed('bug') }]);
    expect(setup.asked).toBe(0);
  });

  test('does not count against a turn how often a person asked for another answer', async () => {
    const { turnId, conversationId } = await record();
    await change(turnId, { attempt: 150, revision: 149 });
    setup.speeches = [speech('Once more.')];
    await answered(await claim(conversationId));
    expect(setup.ended).toMatchObject([{ state: 'done' }]);
  });

  test('tries again after a bug, ten times, and then lets the turns behind have their way', async () => {
    const bug = async () => {
      throw new TypeError('no such thing');
    };
    const { turnId, conversationId } = await record();
    await change(turnId, { attempt: 9 });
    await expect(answered(await claim(conversationId), { settingsAt: bug })).rejects.toThrow(TypeError);
    expect(await setup.turns().lookup.find(turnId)).toMatchObject({ state: 'pending' });
    await answered(await claim(conversationId), { settingsAt: bug });
    expect(setup.ended).toMatchObject([{ state: 'failed', kind: 'bug' }]);
    expect(await setup.turns().claims.claimNext(conversationId, 'one', LEASE.leaseMs)).toBeNull();
  });
});
