import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ExpectedFailure } from '../../../src/domain/failure.js';
import type { DeliveryTarget } from '../../../src/domain/turn.js';
import type { Delivery } from '../../../src/ports/delivery/delivery.js';
import { draft, final } from '../../fixtures/part-draft.js';

/** One platform, opened for one test: a delivery and a double of the platform that it speaks to. */
export interface DeliveryFixture {
  readonly delivery: Delivery;
  readonly target: DeliveryTarget;
  /** The texts people see of the bot's messages at `target`, oldest first, without footers and buttons. */
  shown(): readonly string[] | Promise<readonly string[]>;
  /** True where one message holds any reply: there are no further parts. */
  readonly oneMessage?: boolean;
  /** The platform applies the next request that posts, and its answer never arrives. Absent where nothing can be lost. */
  loseNextPost?(): void;
  /** A person deletes every message of the bot. Absent where people cannot. */
  deleteAll?(): void | Promise<void>;
  /** How many people were pinged. Absent where the platform has no pings. */
  pings?(): number;
  /** Where the platform needs time to show something: resolves when it has. */
  settled?(): Promise<void>;
  close(): Promise<void>;
}

/** What every Delivery keeps to, whatever the platform. */
export function describeDelivery(name: string, open: () => Promise<DeliveryFixture>): void {
  describe(`${name} keeps to the Delivery port`, () => {
    const signal = new AbortController().signal;
    let fixture: DeliveryFixture;
    beforeEach(async () => {
      fixture = await open();
    });
    afterEach(() => fixture.close());

    async function shown(): Promise<readonly string[]> {
      await fixture.settled?.();
      return fixture.shown();
    }

    test('a reply that streams ends as one message with the whole text', async () => {
      const { delivery, target } = fixture;
      await delivery.showWorking(target, signal).catch((error: unknown) => {
        expect(error).toMatchObject({ kind: 'delivery-failed', reason: 'rejected' });
      });
      let posted = await delivery.post(target, draft({ text: 'Once' }), signal);
      posted = await delivery.edit(target, posted, draft({ text: 'Once upon' }), signal);
      await delivery.edit(target, posted, final({ text: 'Once upon a time.' }), signal);
      expect(await shown()).toEqual(['Once upon a time.']);
    });

    test('a placeholder gives way to the text', async () => {
      const { delivery, target } = fixture;
      const placeholder = draft({ text: 'Two before you', state: 'placeholder' });
      const posted = await delivery.post(target, placeholder, signal);
      await delivery.edit(target, posted, final({ text: 'Here it is.' }), signal);
      expect(await shown()).toEqual(['Here it is.']);
    });

    test('posting the same part twice gives one message', async () => {
      const { delivery, target } = fixture;
      const first = await delivery.post(target, final(), signal);
      const second = await delivery.post(target, final(), signal);
      expect(second.messageId).toBe(first.messageId);
      expect(await shown()).toEqual(['Hello']);
    });

    test('parts come in their order, each its own message', async ({ skip }) => {
      const { delivery, target } = fixture;
      if (fixture.oneMessage) return skip();
      const first = await delivery.post(target, final({ text: 'one', controls: 'none' }), signal);
      const second = await delivery.post(target, final({ text: 'two', index: 1 }), signal);
      expect(second).toMatchObject({ index: 1 });
      expect(second.messageId).not.toBe(first.messageId);
      expect(await shown()).toEqual(['one', 'two']);
    });

    test('a shorter text replaces a longer one', async () => {
      const { delivery, target } = fixture;
      const posted = await delivery.post(target, draft({ text: 'a long first answer' }), signal);
      await delivery.edit(target, posted, final({ text: 'Short.', revision: 1 }), signal);
      expect(await shown()).toEqual(['Short.']);
    });

    test('the longest part is taken, whatever it is made of', async () => {
      const { delivery, target } = fixture;
      const hostile = '<'.repeat(delivery.partLimit - 2).concat(' x');
      const posted = await delivery.post(target, draft({ text: 'x' }), signal);
      await delivery.edit(target, posted, final({ text: hostile, footer: 'answered by small' }), signal);
      expect((await shown())[0]).toHaveLength(delivery.partLimit);
    });

    test('a removed part is gone, and removing it again is no failure', async () => {
      const { delivery, target } = fixture;
      const posted = await delivery.post(target, final(), signal);
      await delivery.remove(target, posted, signal);
      await delivery.remove(target, posted, signal);
      expect(await shown()).toEqual([]);
    });

    test('an aborted call throws the reason and sends nothing', async () => {
      const { delivery, target } = fixture;
      const reason = new Error('the lease was lost');
      const aborted = AbortSignal.abort(reason);
      await expect(delivery.post(target, draft(), aborted)).rejects.toBe(reason);
      expect(await shown()).toEqual([]);
    });

    test('everyone who edits at one target shares one budget', () => {
      const { delivery, target } = fixture;
      const budget = delivery.budget(target);
      expect(budget.rate.edits).toBeGreaterThan(0);
      expect(budget.rate.perMs).toBeGreaterThan(0);
      expect(delivery.budget({ ...target }).key).toBe(budget.key);
    });

    test('a post whose answer was lost is found again, not repeated', async ({ skip }) => {
      const { delivery, target } = fixture;
      if (!fixture.loseNextPost) return skip();
      fixture.loseNextPost();
      const post = () => delivery.post(target, final(), signal);
      const posted = await post().catch((error: unknown) => {
        expect(error).toMatchObject({ kind: 'delivery-failed', reason: 'unavailable' });
        return post();
      });
      await delivery.edit(target, posted, final({ text: 'Hello again' }), signal);
      expect(await shown()).toEqual(['Hello again']);
    });

    test('a message that people deleted is reported as gone', async ({ skip }) => {
      const { delivery, target } = fixture;
      if (!fixture.deleteAll) return skip();
      const posted = await delivery.post(target, final(), signal);
      await fixture.deleteAll();
      const edit = delivery.edit(target, posted, final({ text: 'changed' }), signal);
      const failure = await edit.catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(ExpectedFailure);
      expect(failure).toMatchObject({ reason: 'gone' });
    });

    test('mentions in the text of a model ping nobody', async ({ skip }) => {
      const { delivery, target } = fixture;
      if (!fixture.pings) return skip();
      const text = '@everyone @here <!here> <!channel> <!subteam^S1> <@U0001> <@1> <@&2> <#C1>';
      const posted = await delivery.post(target, draft({ text }), signal);
      await delivery.edit(target, posted, draft({ text: `${text} <!everyone>` }), signal);
      await delivery.edit(target, posted, final({ text: `${text} <!everyone> <@U0001>` }), signal);
      expect(fixture.pings()).toBe(0);
    });
  });
}
