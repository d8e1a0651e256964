import { LRUCache } from 'lru-cache';
import type { DeliveryTarget, PostedPart, TurnId } from '../../src/domain/turn.js';
import type { Delivery, PartDraft } from '../../src/ports/delivery/delivery.js';
import type { TurnEvent, TurnEvents } from '../../src/ports/turns/live-events.js';

/** What was published of a turn. */
interface Published {
  readonly revision: number;
  readonly text: string;
  /** Length of the text when it was last published whole. */
  readonly wholeAt: number;
}

/** A reply runs in one worker at a time; beyond this many, the oldest begins again at offset 0. */
const REPLIES_REMEMBERED = 1_000;

/** One part holds any reply: 32,768 tokens (SAMPLING_NUMBERS.maxTokens) of 30 code units each. */
const PART_LIMIT = 1_000_000;

/** How often waiting clients get new text, in ms: below what the eye takes for a pause. */
const DELTA_EVERY_MS = 50;

// A part that is still written comes with its code fence closed; the model has not closed it, and may not yet.
const CLOSING_FENCE = /(?:^|\n) {0,3}(?:`{3,}|~{3,})$/;

/**
 * "Delivers" to whoever watches the turn over HTTP: text growth goes out as live events, and the database, written by
 * the pipeline, has the last word. Holds no connection, so it runs in any worker.
 */
export function createWebDelivery(dependencies: { readonly liveEvents: TurnEvents }): Delivery {
  const { liveEvents } = dependencies;
  const replies = new LRUCache<TurnId, Published>({ max: REPLIES_REMEMBERED });
  const listening = new LRUCache<TurnId, AbortController>({
    max: REPLIES_REMEMBERED,
    dispose: (over) => over.abort(),
  });

  function forget(turnId: TurnId): void {
    replies.delete(turnId);
    listening.delete(turnId);
  }

  /** Until the reply is finished, who begins to watch it is told what there is. */
  function tellWhoJoins(turnId: TurnId): void {
    if (listening.has(turnId)) return;
    const over = new AbortController();
    listening.set(turnId, over);
    const listener = (event: TurnEvent) => {
      if (event.type === 'ended') forget(turnId);
      const known = replies.get(turnId);
      if (event.type === 'joined' && known)
        liveEvents.publish(turnId, { type: 'text', offset: 0, text: known.text });
    };
    liveEvents.subscribe(turnId, listener).then(
      (leave) => (over.signal.aborted ? leave() : over.signal.addEventListener('abort', leave)),
      () => {}, // they wait until the text is next published whole
    );
  }

  function publish(part: PartDraft): void {
    // A placeholder is no text of the model, and the last version comes with the turn's end.
    if (part.state === 'final') {
      forget(part.turnId);
      return;
    }
    const text = part.state === 'placeholder' ? '' : part.text.replace(CLOSING_FENCE, '');
    const known = replies.get(part.turnId);
    if (known?.revision === part.revision && known.text === text) return;
    const grown = known?.revision === part.revision && text.startsWith(known.text) ? known : null;
    // Whole again each time it has doubled: whoever came late catches up, for twice the traffic at most.
    const whole = grown === null || text.length >= 2 * grown.wholeAt;
    const offset = whole ? 0 : grown.text.length;
    replies.set(part.turnId, {
      revision: part.revision,
      text,
      wholeAt: whole ? text.length : grown.wholeAt,
    });
    tellWhoJoins(part.turnId);
    liveEvents.publish(part.turnId, { type: 'text', offset, text: text.slice(offset) });
  }

  async function put(part: PartDraft, signal: AbortSignal): Promise<PostedPart> {
    signal.throwIfAborted();
    publish(part);
    return { index: part.index, messageId: `web/${part.turnId}/${part.index}` };
  }

  return {
    partLimit: PART_LIMIT,
    budget: (target) => ({ key: budgetKey(target), rate: { edits: 1, perMs: DELTA_EVERY_MS } }),
    showWorking: async (_target, signal) => signal.throwIfAborted(),
    post: (_target, part, signal) => put(part, signal),
    edit: (_target, _posted, part, signal) => put(part, signal),
    async remove(_target, posted, signal) {
      signal.throwIfAborted();
      const turnId = Number(posted.messageId.split('/')[1]);
      forget(turnId);
      liveEvents.publish(turnId, { type: 'text', offset: 0, text: '' });
    },
    // Whoever asked over HTTP is waiting.
    callAttention: async (_target, _turnId, _last, signal) => signal.throwIfAborted(),
  };
}

/** One reply runs in a conversation at a time; an id of two API keys names two conversations. */
function budgetKey(target: DeliveryTarget): string {
  return `web/${String(target['key'] ?? '-')}/${String(target['conversation'])}`;
}
