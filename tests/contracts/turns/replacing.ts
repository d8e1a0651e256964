import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Address } from '../../../src/domain/address.js';
import { HOUR_MS } from '../../../src/domain/time/duration.js';
import type { ConversationId, IncomingMessage, TurnId } from '../../../src/domain/turn.js';
import type { MemoryStore } from '../../../src/ports/memory/memory-store.js';
import type { AuthorLimits, RecordedTurn } from '../../../src/ports/turns/turn-recorder.js';
import type { UsageStore } from '../../../src/ports/turns/usage-store.js';
import { generated, incoming, newAuthor, newChannel } from '../../fixtures/incoming-message.js';
import type { Turns } from '../../fixtures/open-turns.js';

export interface ReplacingHarness {
  readonly turns: Turns;
  readonly memory: MemoryStore;
  readonly usage: UsageStore;
  /** Conversations that were told to have lost text, since it was last read. */
  forgotten(): readonly ConversationId[];
  /** Every text in every column of the database. */
  everything(): Promise<string>;
}

const NO_LIMITS: AuthorLimits = { turns: null, tokens: null };

/** How a question takes the place of an earlier one. */
export function describeReplacing(name: string, open: () => Promise<ReplacingHarness>): void {
  describe(`replacing a turn on ${name}`, () => {
    let harness: ReplacingHarness;
    let turns: Turns;
    let address: Address;
    let author: IncomingMessage['author'];
    let conversationId: ConversationId;
    /** The turns of three exchanges. */
    let ids: TurnId[];

    beforeAll(async () => {
      harness = await open();
      turns = harness.turns;
    });
    beforeEach(async () => {
      [address, author, ids] = [newChannel(), newAuthor(), []];
      for (const n of [1, 2, 3]) {
        const recorded = await turns.recorder.record(incoming(address, { text: `q${n}`, author }), 'channel');
        ({ conversationId } = recorded);
        ids.push(await answer(`a${n}`));
      }
      harness.forgotten();
    });

    const id = (n: number) => ids[n - 1] ?? 0;
    async function answer(reply: string): Promise<TurnId> {
      const turn = await turns.claims.claimNext(conversationId, 'worker', 60_000);
      if (!turn) throw new Error('nothing to claim');
      await turns.claims.finish(turn, { state: 'done', ...generated(reply) });
      return turn.id;
    }
    function replace(replaced: TurnId, more: Partial<IncomingMessage> = {}, limits = NO_LIMITS) {
      return turns.recorder.replace(replaced, incoming(address, { author, ...more }), 'channel', limits);
    }
    async function replacedBy(replaced: TurnId, more: Partial<IncomingMessage> = {}): Promise<RecordedTurn> {
      const result = await replace(replaced, more);
      if (!('created' in result)) throw new Error(JSON.stringify(result));
      return result;
    }
    const said = async () =>
      (await harness.memory.window(conversationId, 2_000_000_000, 100)).map(
        ({ text, reply }) => `${text} ${reply}`,
      );
    const open3 = () => turns.lookup.unfinished(conversationId).then((all) => all.map((turn) => turn.id));

    test('forgets it and all after it, and leaves what came before', async () => {
      const [secret, comment] = [randomUUID(), randomUUID()];
      await turns.recorder.record(incoming(address, { text: secret, author }), 'channel');
      const last = await answer(`answer to ${secret}`);
      await turns.votes.cast(last, author.key, 1, comment);
      const result = await replacedBy(id(2), { text: 'better' });
      expect(result).toMatchObject({ conversationId, created: true, ahead: 0 });
      expect(result.turnId).toBeGreaterThan(last);
      expect(await said()).toEqual(['q1 a1']);
      await answer('fine');
      expect(await said()).toEqual(['q1 a1', 'better fine']);
      const left = await harness.everything();
      expect([secret, comment].filter((text) => left.includes(text))).toEqual([]);
      expect(harness.forgotten()).toEqual([conversationId]);
    });

    test('replaces the first of all, and one that failed', async () => {
      const { turnId } = await replacedBy(id(1), { text: 'new' });
      const turn = await turns.claims.claimNext(conversationId, 'worker', 60_000);
      if (turn)
        await turns.claims.finish(turn, { state: 'failed', kind: 'empty-answer', notice: 'Nothing.' });
      await replacedBy(turnId, { text: 'newer' });
      await answer('yes');
      expect(await said()).toEqual(['newer yes']);
    });

    test('keeps what was spent', async () => {
      const before = await harness.usage.recent(author.key, HOUR_MS, HOUR_MS);
      await replacedBy(id(1));
      const { turns: asked, tokens } = await harness.usage.recent(author.key, HOUR_MS, HOUR_MS);
      expect({ asked, tokens }).toEqual({ asked: before.turns + 1, tokens: before.tokens });
    });

    test('gives the turns before a place in the prompt again, where it began after what is gone', async () => {
      await harness.memory.moveWindow(conversationId, id(3));
      expect(await said()).toEqual(['q3 a3']);
      await replacedBy(id(3));
      expect(await said()).toEqual(['q1 a1', 'q2 a2']);
    });

    test('leaves the start of the prompt where that lies before', async () => {
      await harness.memory.moveWindow(conversationId, id(2));
      await replacedBy(id(3));
      expect(await said()).toEqual(['q2 a2']);
    });

    test('takes a message whose key is known for the one it was', async () => {
      const key = randomUUID();
      const first = await replacedBy(id(2), { key });
      await answer('once');
      harness.forgotten();
      expect(await replacedBy(id(2), { key })).toMatchObject({ turnId: first.turnId, created: false });
      expect(await said()).toHaveLength(2);
      expect(harness.forgotten()).toEqual([]);
    });

    test('refuses a turn of another conversation, or none', async () => {
      const other = await turns.recorder.record(incoming(newChannel()), 'channel');
      for (const none of [other.turnId, 2_000_000_000])
        expect(await replace(none)).toEqual({ notReplaced: 'unknown' });
      address = newChannel();
      expect(await replace(id(2))).toEqual({ notReplaced: 'unknown' });
      expect(await turns.lookup.takesPart(address), 'a conversation was begun').toBe(false);
      expect(await said()).toHaveLength(3);
    });

    test('refuses one that was replaced or cleared', async () => {
      await replacedBy(id(2));
      await answer('new');
      expect(await replace(id(3))).toEqual({ notReplaced: 'forgotten' });
      await harness.memory.clear(conversationId);
      expect(await replace(id(1))).toEqual({ notReplaced: 'forgotten' });
    });

    test('refuses while it or a later one is still answered, and then not', async () => {
      const pending = await turns.recorder.record(incoming(address, { author }), 'channel');
      for (const each of [id(1), pending.turnId])
        expect(await replace(each)).toEqual({ notReplaced: 'unfinished' });
      const turn = await turns.claims.claimNext(conversationId, 'worker', 60_000);
      expect(await replace(id(3))).toEqual({ notReplaced: 'unfinished' });
      expect(await open3()).toEqual([pending.turnId]);
      if (turn) await turns.claims.finish(turn, { state: 'cancelled' });
      await turns.control.regenerate(id(2));
      expect(await replace(id(1))).toEqual({ notReplaced: 'unfinished' });
      expect(await replace(id(3)), 'an earlier one is answered again').toMatchObject({ created: true });
    });

    test('forgets nothing where the author is at a limit', async () => {
      const limits = { turns: { withinMs: 60_000, below: 3 }, tokens: null };
      expect(await replace(id(1), {}, limits)).toEqual({ over: 'turns' });
      expect(await said()).toHaveLength(3);
    });

    test('of many at once one wins, and no other writes anything', async () => {
      for (let round = 0; round < 5; round++) {
        const replaced = ids.at(-1) ?? 0;
        const results = await Promise.all(Array.from({ length: 8 }, () => replace(replaced)));
        const won = results.filter((result) => 'created' in result);
        expect(won).toHaveLength(1);
        for (const result of results)
          if (!('created' in result)) expect(result).toEqual({ notReplaced: 'forgotten' });
        expect(await open3()).toHaveLength(1);
        ids.push(await answer(`round ${round}`));
        expect(await said()).toEqual(['q1 a1', 'q2 a2', `How are you? round ${round}`]);
      }
    });

    test('meets regenerations, clearing and forgetting without losing a turn or waiting for ever', async () => {
      for (let round = 0; round < 5; round++) {
        const last = ids.at(-1) ?? 0;
        const [result, again] = await Promise.all([
          replace(last),
          turns.control.regenerate(last),
          harness.memory.clear(conversationId),
          harness.memory.forgetAuthor(author.key),
        ]);
        const unfinished = await open3();
        // Who clears or forgets after it has been recorded takes it too; it is the latest where nobody did.
        const kept = 'created' in result && (await turns.lookup.latest(conversationId))?.id === result.turnId;
        if ('created' in result) expect(unfinished.includes(result.turnId)).toBe(kept);
        else expect(['forgotten', 'unfinished']).toContain('notReplaced' in result && result.notReplaced);
        expect(typeof again).toBe('boolean');
        // What was asked again before it was forgotten is left to a worker, or cancelled.
        const next = await turns.recorder.record(incoming(address, { author }), 'channel');
        for (
          let turn = await turns.claims.claimNext(conversationId, 'w', 60_000);
          turn;
          turn = await turns.claims.claimNext(conversationId, 'w', 60_000)
        )
          await turns.claims.finish(turn, { state: 'done', ...generated('ok') });
        expect(await open3()).toEqual([]);
        ids.push(next.turnId);
      }
    });
  });
}
