import { beforeAll, describe, expect, test } from 'vitest';
import { addressKey } from '../../../src/domain/address.js';
import type { TurnOutcome } from '../../../src/domain/turn.js';
import type { MemoryStore } from '../../../src/ports/memory/memory-store.js';
import type { ListedState, TurnListing } from '../../../src/ports/turns/turn-listing.js';
import { ADA, incoming, newAuthor, newChannel } from '../../fixtures/incoming-message.js';
import type { Turns } from '../../fixtures/open-turns.js';

export interface TurnListingHarness {
  readonly listing: TurnListing;
  readonly turns: Turns;
  readonly memory: MemoryStore;
}

const FAILED: TurnOutcome = { state: 'failed', kind: 'provider-unavailable', notice: 'The model is away.' };

/** What every TurnListing shows of the turns that the store beside it writes, others' turns among them. */
export function describeTurnListing(name: string, open: () => Promise<TurnListingHarness>): void {
  describe(`a turn listing on ${name}`, () => {
    let harness: TurnListingHarness;
    beforeAll(async () => {
      harness = await open();
    });

    async function fail(address = newChannel(), author = ADA): Promise<number> {
      const { turns } = harness;
      const { turnId, conversationId } = await turns.recorder.record(
        incoming(address, { author }),
        'channel',
      );
      const claimed = await turns.claims.claimNext(conversationId, 'worker', 60_000);
      if (claimed?.id !== turnId) throw new Error('another turn was in the way');
      await turns.claims.finish(claimed, FAILED);
      return turnId;
    }

    const ids = async (state: ListedState, limit = 200) =>
      (await harness.listing.page(state, { limit, withText: false })).turns.map(({ id }) => id);

    test('a turn is listed as waiting, then running, then failed, and nowhere once it waits again', async () => {
      const { turns, listing } = harness;
      const before = await listing.counts();
      const { turnId, conversationId } = await turns.recorder.record(incoming(newChannel()), 'channel');
      expect(await ids('pending')).toContain(turnId);
      expect(await listing.counts()).toEqual({ ...before, pending: before.pending + 1 });
      const claimed = await turns.claims.claimNext(conversationId, 'worker', 60_000);
      if (!claimed) throw new Error('nothing to claim');
      expect(await ids('pending')).not.toContain(turnId);
      expect(await ids('running')).toContain(turnId);
      await turns.claims.finish(claimed, FAILED);
      expect(await ids('running')).not.toContain(turnId);
      expect(await ids('failed')).toContain(turnId);
      expect(await listing.counts()).toEqual({ ...before, failed: before.failed + 1 });
      await turns.control.regenerate(turnId);
      expect(await ids('failed')).not.toContain(turnId);
    });

    test('what was said is shown only where it is asked for', async () => {
      const [address, author] = [newChannel(), newAuthor()];
      const id = await fail({ ...address, thread: '1.2' }, author);
      const [shut] = (await harness.listing.page('failed', { limit: 1, withText: false })).turns;
      expect(shut).toEqual({
        id,
        state: 'failed',
        place: addressKey({ ...address, thread: '1.2' }),
        author: { key: author.key, name: author.name },
        askedModel: null,
        attempt: 1,
        failure: { kind: 'provider-unavailable', notice: 'The model is away.' },
        text: null,
        acceptedAt: expect.any(Date),
        startedAt: expect.any(Date),
        finishedAt: expect.any(Date),
      });
      const [open] = (await harness.listing.page('failed', { limit: 1, withText: true })).turns;
      expect(open).toEqual({ ...shut, text: 'How are you?' });
    });

    test('pages go back from the newest', async () => {
      const [first, second, third] = [await fail(), await fail(), await fail()];
      const newest = await harness.listing.page('failed', { limit: 2, withText: false });
      expect(newest.turns.map(({ id }) => id)).toEqual([third, second]);
      expect(newest.earlier).toBe(second);
      const next = await harness.listing.page('failed', { limit: 1, before: second, withText: false });
      expect(next.turns.map(({ id }) => id)).toEqual([first]);
    });

    test('what was forgotten is not shown as failed', async () => {
      const author = newAuthor();
      const id = await fail(newChannel(), author);
      await harness.memory.forgetAuthor(author.key);
      expect(await ids('failed')).not.toContain(id);
    });
  });
}
