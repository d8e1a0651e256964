import { describe, expect, test } from 'vitest';
import type { IncomingMessage } from '../../../../src/domain/turn.js';
import type { CommandReply } from '../../../../src/ports/turns/inbox.js';
import { PrismaUsageStore } from '../../../../src/storage/turns/usage-store.js';
import { DONE, openInboxes } from './open-inboxes.js';

const { open, database } = openInboxes();
const text = (reply: CommandReply) => (reply.type === 'notice' ? reply.text : '');

describe('a message handed in', () => {
  test('is recorded and its conversation woken up; the same one again is a duplicate', async () => {
    const { inbox, message, wokenUp } = open();
    const hello = message('hello');
    const first = await inbox.accept(hello);
    expect(first).toMatchObject({ type: 'accepted', ahead: 0 });
    const again = await inbox.accept(hello);
    expect(again).toEqual({
      type: 'duplicate',
      turnId: 'turnId' in first && first.turnId,
      conversationId: wokenUp[0]?.conversationId,
    });
    expect(wokenUp).toHaveLength(2);
    expect(await inbox.accept(message('and this?'))).toMatchObject({ type: 'accepted', ahead: 1 });
  });

  test('wakes its conversation up for the model that it asks for, or that settings choose', async () => {
    const { inbox, message, wokenUp } = open();
    await inbox.accept(message('hello'));
    await inbox.accept(message('hello', { model: 'large' }));
    expect(wokenUp.map(({ alias }) => alias)).toEqual(['small', 'large']);
  });

  test.each([
    ['empty', ' \u200b\u0000 ', {}, 'What would you like to know'],
    ['too-long', 'x'.repeat(101), {}, '101 characters; I can read up to 100'],
    ['unknown-model', 'hi', { model: 'huge' }, 'small, large'],
    ['bad-parameter', 'hi', { sampling: { temperature: 3 } }, 'between 0 and 2'],
    ['bad-parameter', 'hi', { sampling: { topK: 1.5 } }, 'whole number'],
    ['bad-parameter', 'hi', { sampling: { stop: Array(9).fill('x') } }, 'at most 8'],
  ] as const)('is refused as %s, and says what would be right', async (reason, said, more, sentence) => {
    const { inbox, message, wokenUp } = open();
    const refusal = await inbox.accept(message(said, more as Partial<IncomingMessage>));
    expect(refusal).toMatchObject({ type: 'refused', reason });
    expect('text' in refusal && refusal.text).toContain(sentence);
    expect(wokenUp).toEqual([]);
  });

  test('is refused once: the same message again says nothing', async () => {
    const { inbox, message } = open();
    const empty = message('');
    expect(await inbox.accept(empty)).not.toHaveProperty('repeated');
    expect(await inbox.accept(empty)).toMatchObject({ type: 'refused', repeated: true });
  });

  test('is held to its place’s limits, not the configuration’s, and so is a second answer', async () => {
    const { inbox, actions, turns, message, limitHere } = open({ limits: { turnsPerMinute: 2 } });
    await limitHere({ turnsPerMinute: 1 });
    const first = await inbox.accept(message('one'));
    expect(await inbox.accept(message('two'))).toMatchObject({ reason: 'turn-limit' });
    const turn =
      'turnId' in first ? await turns.claims.claimNext(first.conversationId, 'worker', 60_000) : null;
    if (!turn) throw new Error('nothing to claim');
    await turns.claims.finish(turn, DONE);
    expect(await actions.regenerate(turn.id, 'en')).toMatchObject({ reason: 'turn-limit' });
    await limitHere({ turnsPerMinute: 0, tokensPerDay: 2 });
    expect(await inbox.accept(message('two'))).toMatchObject({ reason: 'token-limit' });
    await limitHere({ turnsPerMinute: 0 });
    for (const text of ['two', 'three']) {
      expect(await inbox.accept(message(text))).toMatchObject({ type: 'accepted' });
    }
    expect(await actions.regenerate(turn.id, 'en')).toEqual({ type: 'accepted' });
  });

  test('over a person’s turns a minute is refused, and one that was taken before is a duplicate all the same', async () => {
    const { inbox, message } = open({ limits: { turnsPerMinute: 2 } });
    const first = message('one');
    await inbox.accept(first);
    await inbox.accept(message('two'));
    const third = await inbox.accept(message('three'));
    expect(third).toMatchObject({ type: 'refused', reason: 'turn-limit', retryAfterMs: 60_000 });
    expect(await inbox.accept(first)).toMatchObject({ type: 'duplicate' });
  });

  test('a clock that is minutes ahead of the database’s turns no limit off', async () => {
    const { inbox, actions, message, turns } = open({ limits: { turnsPerMinute: 2 }, aheadMs: 300_000 });
    const accepted = await inbox.accept(message('one'));
    if (accepted.type !== 'accepted') throw new Error('not accepted');
    await inbox.accept(message('two'));
    expect(await inbox.accept(message('three'))).toMatchObject({ reason: 'turn-limit' });
    const turn = await turns.claims.claimNext(accepted.conversationId, 'test', 60_000);
    if (!turn) throw new Error('not claimed');
    await turns.claims.finish(turn, DONE);
    expect(await actions.regenerate(turn.id, 'en')).toMatchObject({ reason: 'turn-limit' });
  });

  test('what was written while nobody listened is taken at once, and counts towards what is written now', async () => {
    const { inbox, message } = open({ limits: { turnsPerMinute: 2 } });
    for (const text of ['one', 'two', 'three']) {
      const acceptance = await inbox.accept({ ...message(text), writtenEarlier: true });
      expect(acceptance).toMatchObject({ type: 'accepted' });
    }
    expect(await inbox.accept(message('now'))).toMatchObject({ reason: 'turn-limit' });
  });

  test('over a person’s tokens a day is refused', async () => {
    const { inbox, actions, message, turns, command } = open({ limits: { tokensPerDay: 50 } });
    const accepted = await inbox.accept(message('one'));
    if (accepted.type !== 'accepted') throw new Error('not accepted');
    const turn = await turns.claims.claimNext(accepted.conversationId, 'test', 60_000);
    if (!turn) throw new Error('not claimed');
    await turns.claims.finish(turn, {
      ...DONE,
      usage: { prompt: 40, cached: 0, reply: 20 },
    });
    expect(await inbox.accept(message('two'))).toMatchObject({ type: 'refused', reason: 'token-limit' });
    expect(await actions.regenerate(turn.id, 'en')).toMatchObject({
      type: 'refused',
      reason: 'token-limit',
      text: expect.stringContaining('50 tokens'),
      retryAfterMs: 3_600_000,
    });
    expect(text(await command('retry'))).toContain('50 tokens');
  });

  test('over a person’s turns a minute is no second answer given either, and each one counts', async () => {
    const { inbox, actions, message, turns, wokenUp } = open({ limits: { turnsPerMinute: 3 } });
    const accepted = await inbox.accept(message('one'));
    if (accepted.type !== 'accepted') throw new Error('not accepted');
    const { turnId, conversationId } = accepted;
    const finish = async () => {
      const turn = await turns.claims.claimNext(conversationId, 'test', 60_000);
      if (!turn) throw new Error('not claimed');
      await turns.claims.finish(turn, DONE);
    };
    for (let again = 0; again < 2; again++) {
      await finish();
      expect(await actions.regenerate(turnId, 'en')).toEqual({ type: 'accepted' });
    }
    await finish();
    expect(await actions.regenerate(turnId, 'zh')).toEqual({
      type: 'refused',
      reason: 'turn-limit',
      text: '你在一分钟内已经提了 3 个问题，达到了这里的上限，请稍等片刻。',
      retryAfterMs: 60_000,
    });
    expect(await inbox.accept(message('two'))).toMatchObject({ type: 'refused', reason: 'turn-limit' });
    expect(wokenUp).toHaveLength(3);
  });

  test('is not answered again while it is being answered, or once it is forgotten', async () => {
    const { inbox, actions, message, turns, command } = open();
    const accepted = await inbox.accept(message('one'));
    if (accepted.type !== 'accepted') throw new Error('not accepted');
    const notFinished = 'This reply is still being written.';
    expect(await actions.regenerate(accepted.turnId, 'en')).toEqual({
      type: 'refused',
      reason: 'not-finished',
      text: notFinished,
    });
    expect(text(await command('retry'))).toBe(notFinished);
    const turn = await turns.claims.claimNext(accepted.conversationId, 'test', 60_000);
    if (!turn) throw new Error('not claimed');
    await turns.claims.finish(turn, DONE);
    await command('clear');
    const nothing = { type: 'refused', reason: 'nothing', text: 'There is no message to answer again.' };
    expect(await actions.regenerate(accepted.turnId, 'en')).toEqual(nothing);
    expect(await actions.regenerate(2_000_000_000, 'en')).toEqual(nothing);
  });

  test('may be stopped and answered again by who asked, and by who may change settings', () => {
    const [strict, lenient] = [open({ mayChange: false }), open()];
    const bo = { key: 'slack/T/U0', id: 'U0', name: 'Bo' };
    const turn = { authorKey: strict.ada.key };
    const { address, ada } = strict;
    expect(strict.actions.mayActOn(turn, { address, author: ada, mayManage: false })).toBe(true);
    expect(strict.actions.mayActOn(turn, { address, author: bo, mayManage: true })).toBe(false);
    expect(lenient.actions.mayActOn(turn, { address, author: bo, mayManage: false })).toBe(true);
  });

  test('counts the tokens of answers that a regeneration replaced', async () => {
    const { inbox, actions, message, turns, ada } = open({ limits: { tokensPerDay: 100 } });
    const accepted = await inbox.accept(message('one'));
    if (accepted.type !== 'accepted') throw new Error('not accepted');
    const finish = async () => {
      const turn = await turns.claims.claimNext(accepted.conversationId, 'test', 60_000);
      if (!turn) throw new Error('not claimed');
      await turns.claims.finish(turn, { ...DONE, usage: { prompt: 40, cached: 0, reply: 20 } });
    };
    await finish();
    expect(await actions.regenerate(accepted.turnId, 'en')).toEqual({ type: 'accepted' });
    await finish();
    const usage = new PrismaUsageStore(database().prisma);
    expect(await usage.recent(ada.key, Date.now(), Date.now())).toEqual({ turns: 2, tokens: 120 });
    expect(await usage.byAuthor(ada.key, new Date(0))).toMatchObject({ replyTokens: 20, replacedTokens: 60 });
    expect(await actions.regenerate(accepted.turnId, 'en')).toMatchObject({ reason: 'token-limit' });
  });

  test('in Chinese is refused in Chinese', async () => {
    const { inbox, message } = open();
    expect(await inbox.accept(message('长'.repeat(101)))).toMatchObject({
      text: expect.stringContaining('101 个字符'),
    });
  });
});

test('a place the bot was put out of: what waits there ends, what runs is stopped, the rest goes on', async () => {
  const { inbox, changes, message, turns, ended, stopped } = open();
  const target = { platform: 'slack', app: 'A', team: 'T-left' } as const;
  const accept = async (text: string, more: object) => {
    const accepted = await inbox.accept(message(text, { target: { ...target, ...more } }));
    if (accepted.type !== 'accepted') throw new Error('not accepted');
    return accepted;
  };
  const running = await accept('one', {});
  await turns.claims.claimNext(running.conversationId, 'test', 60_000);
  const waiting = await accept('two', {});
  await accept('three', { team: 'T-stayed' });
  await changes.abandon(target);
  expect({ ended, stopped }).toEqual({ ended: [waiting.turnId], stopped: [running.turnId] });
});
