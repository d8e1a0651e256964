import { describe, expect, test } from 'vitest';
import { withText } from '../../../../adapters/web/conversations/watch-turn.js';
import { createWebDelivery } from '../../../../adapters/web/web-delivery.js';
import type { PostedPart } from '../../../../src/domain/turn.js';
import type { Delivery, PartDraft } from '../../../../src/ports/delivery/delivery.js';
import type { TurnEvent } from '../../../../src/ports/turns/live-events.js';
import { describeDelivery } from '../../../contracts/delivery/delivery.js';
import { LocalEvents, reply } from './scripted-bot.js';

const TARGET = { platform: 'web', conversation: 'c1' } as const;
const signal = new AbortController().signal;

describeDelivery('the web delivery', async () => {
  const liveEvents = new LocalEvents();
  let shown: string | null = '';
  await liveEvents.subscribe(7, (event) => {
    if (event.type === 'text') shown = withText(shown, event);
    if (event.type === 'ended' && event.outcome.state === 'done') shown = event.outcome.reply;
  });
  return {
    delivery: endingTurns(createWebDelivery({ liveEvents }), liveEvents),
    target: TARGET,
    oneMessage: true,
    shown: () => (shown ? [shown] : []),
    close: async () => {},
  };
});

/** The pipeline ends a turn once its last version is delivered; watchers take the text from there. */
function endingTurns(delivery: Delivery, liveEvents: LocalEvents): Delivery {
  const ended = (part: PartDraft, posted: PostedPart) => {
    if (part.state === 'final') liveEvents.publish(part.turnId, { type: 'ended', outcome: reply(part.text) });
    return posted;
  };
  return {
    ...delivery,
    post: async (target, part, abort) => ended(part, await delivery.post(target, part, abort)),
    edit: async (target, posted, part, abort) =>
      ended(part, await delivery.edit(target, posted, part, abort)),
  };
}

describe('what is published of a reply', () => {
  async function published(...drafts: readonly Partial<PartDraft>[]): Promise<TurnEvent[]> {
    const liveEvents = new LocalEvents();
    const events: TurnEvent[] = [];
    await liveEvents.subscribe(7, (event) => events.push(event));
    const delivery = createWebDelivery({ liveEvents });
    let posted: PostedPart | null = null;
    for (const changes of drafts) {
      const draft: PartDraft = {
        turnId: 7,
        revision: 0,
        index: 0,
        text: '',
        state: 'streaming',
        controls: 'stop',
        ...changes,
      };
      posted = posted
        ? await delivery.edit(TARGET, posted, draft, signal)
        : await delivery.post(TARGET, draft, signal);
      expect(posted).toEqual({ index: 0, messageId: 'web/7/0' });
    }
    return events;
  }

  test('is its growth', async () => {
    expect(await published({ text: 'A long beginning' }, { text: 'A long beginning, on' })).toEqual([
      { type: 'text', offset: 0, text: 'A long beginning' },
      { type: 'text', offset: 16, text: ', on' },
    ]);
  });

  test('is the whole each time it has doubled, for those who came late', async () => {
    const drafts = Array.from({ length: 200 }, (_, index) => ({ text: 'x'.repeat(index + 1) }));
    const events = await published(...drafts);
    const whole = events.filter((event) => event.type === 'text' && event.offset === 0);
    expect(whole.length).toBe(8); // 1, 2, 4 … 128
    const sent = events.reduce((sum, event) => sum + (event.type === 'text' ? event.text.length : 0), 0);
    expect(sent).toBeLessThan(3 * 200);
  });

  test('begins at 0 for a new revision, and where the text is another', async () => {
    const first = { text: 'A first answer, long enough' };
    expect((await published(first, { text: 'A first answer, long enough!', revision: 1 })).at(-1)).toEqual({
      type: 'text',
      offset: 0,
      text: 'A first answer, long enough!',
    });
    expect((await published(first, { text: 'A second' })).at(-1)).toMatchObject({ offset: 0 });
  });

  test('is no placeholder and no last version: the turn’s end brings that', async () => {
    const events = await published(
      { text: 'Thinking…', state: 'placeholder' },
      { text: 'Sorry.', state: 'final' },
    );
    expect(events).toEqual([{ type: 'text', offset: 0, text: '' }]);
  });

  test('does not repeat itself', async () => {
    expect(await published({ text: 'Same' }, { text: 'Same' })).toHaveLength(1);
  });

  test('streams of different conversations do not slow each other, and text goes out every 50 ms', () => {
    const delivery = createWebDelivery({ liveEvents: new LocalEvents() });
    const one = delivery.budget(TARGET);
    expect(one.rate).toEqual({ edits: 1, perMs: 50 });
    expect(delivery.budget({ ...TARGET, conversation: 'c2' }).key).not.toBe(one.key);
  });
});
