import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import type { IncomingMessage } from '../../../src/domain/turn.js';
import { ADA, BEN, generated, incoming, newAuthor, newChannel } from '../../fixtures/incoming-message.js';
import type { Turns } from '../../fixtures/open-turns.js';
import type { TurnsSetting } from './turns-setting.js';

/** How messages become turns. */
export function describeRecording(setting: TurnsSetting): void {
  describe('recording', () => {
    const { record, claim } = setting;
    let turns: Turns;
    beforeAll(() => {
      turns = setting.turns;
    });

    test('writes one turn for one key, however many record it at once', async () => {
      // The first round only opens connections: those of the later ones truly meet.
      for (let round = 0; round < 5; round++) {
        const message = incoming(newChannel());
        const recorded = await Promise.all(
          Array.from({ length: 50 }, () => turns.recorder.record(message, 'channel')),
        );
        const [{ turnId, conversationId } = { turnId: 0, conversationId: 0 }] = recorded;
        expect(recorded.filter(({ created }) => created)).toHaveLength(1);
        for (const each of recorded) expect(each).toMatchObject({ turnId, conversationId });
        expect((await turns.lookup.unfinished(conversationId)).map(({ id }) => id)).toEqual([turnId]);
      }
    });

    test('puts many messages at once into one conversation', async () => {
      const address = newChannel();
      const recorded = await Promise.all(Array.from({ length: 20 }, () => record(address)));
      const [{ conversationId } = { conversationId: 0 }] = recorded;
      const ids = (await turns.lookup.unfinished(conversationId)).map(({ id }) => id);
      expect(ids).toEqual(recorded.map(({ turnId }) => turnId).sort((a, b) => a - b));
    });

    test('counts the turns before', async () => {
      const address = newChannel();
      const first = await record(address);
      expect(first).toMatchObject({ created: true, ahead: 0 });
      expect(await record(address)).toMatchObject({ ahead: 1 });
      expect(await record(address)).toMatchObject({ ahead: 2 });
      await turns.claims.finish(await claim(first.conversationId), { state: 'cancelled' });
      expect(await record(address)).toMatchObject({ ahead: 2 });
    });

    test('begins nothing more for an author at a limit, and still finds what was taken', async () => {
      const [{ key }, author] = [incoming(newChannel()), newAuthor()];
      const withinMs = 60_000;
      const limits = { turns: { withinMs, below: 2 }, tokens: { withinMs, below: 27 } };
      const ask = (more: Partial<IncomingMessage> = {}) =>
        turns.recorder.record(incoming(newChannel(), { author, ...more }), 'channel', limits);
      const taken = await ask({ key });
      if ('over' in taken) throw new Error('refused');
      await turns.claims.finish(await claim(taken.conversationId), { state: 'done', ...generated('Fine.') });
      expect(await ask()).toEqual({ over: 'tokens' });
      const tokensLeft = { ...limits, tokens: { withinMs, below: 28 } };
      expect(
        await turns.recorder.record(incoming(newChannel(), { author }), 'channel', tokensLeft),
      ).toMatchObject({
        created: true,
      });
      const refused = incoming(newChannel(), { author });
      expect(await turns.recorder.record(refused, 'channel', tokensLeft)).toEqual({ over: 'turns' });
      expect(await ask({ key })).toMatchObject({ turnId: taken.turnId, created: false });
      expect(await turns.recorder.record(refused, 'channel', { turns: null, tokens: null })).toMatchObject({
        created: true,
        ahead: 0,
      });
      const later = { turns: { withinMs: -60_000, below: 1 }, tokens: null };
      expect(await turns.recorder.record(incoming(newChannel(), { author }), 'channel', later)).toMatchObject(
        {
          created: true,
        },
      );
    });

    test('keeps one conversation for each user where the scope says so', async () => {
      const address = newChannel();
      const mine = await turns.recorder.record(incoming(address), 'user');
      const yours = await turns.recorder.record(incoming(address, { author: BEN }), 'user');
      const ours = await turns.recorder.record(incoming(address), 'channel');
      const ids = [mine, yours, ours].map(({ conversationId }) => conversationId);
      expect(new Set(ids).size).toBe(3);
    });

    test.each([
      ['NUL', 'a\0b', 'ab'],
      ['half an emoji', 'a\ud83d', 'a\ufffd'],
      ['the other half', '\ude00z', '\ufffdz'],
      ['quotes and backslashes', `'; DROP TABLE turn; -- \\ "`, `'; DROP TABLE turn; -- \\ "`],
      ['direction marks and combining signs', '\u202eabc\u0301\u0301', '\u202eabc\u0301\u0301'],
      ['a long text', '😀'.repeat(50_000), '😀'.repeat(50_000)],
    ])('takes %s in every text', async (_name, given, kept) => {
      const short = given.slice(0, 60);
      const keptShort = short.toWellFormed().replaceAll('\0', '');
      const address = { ...newChannel(), thread: short };
      const { conversationId } = await record(address, {
        key: randomUUID() + short,
        platformMessageId: short,
        author: { ...ADA, name: short },
        text: given,
        quoted: { author: short, text: given },
        target: { platform: 'discord', note: short },
        sampling: { stop: [short] },
      });
      const turn = await claim(conversationId);
      expect(turn).toMatchObject({
        text: kept,
        quoted: { author: keptShort, text: kept },
        author: { ...ADA, name: keptShort },
        target: { platform: 'discord', note: keptShort },
        sampling: { stop: [keptShort] },
      });
      expect(await turns.claims.finish(turn, { state: 'done', ...generated(given) })).toBe(true);
      expect((await turns.lookup.find(turn.id))?.outcome).toMatchObject({ reply: kept });
    });
  });
}
