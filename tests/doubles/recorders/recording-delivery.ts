import type { DeliveryTarget, PostedPart } from '../../../src/domain/turn.js';
import type { Delivery, PartDraft } from '../../../src/ports/delivery/delivery.js';
import type { Charge, Rate } from '../../../src/ports/delivery/edit-budget.js';

export type DeliveryCall =
  | { readonly type: 'post' | 'edit'; readonly messageId: string; readonly draft: PartDraft }
  | { readonly type: 'remove' | 'attention'; readonly messageId: string }
  | { readonly type: 'working' };

/** A platform in memory: what it shows, what it was asked, and failures to give on the way. */
export class RecordingDelivery implements Delivery {
  readonly partLimit: number;
  readonly rate: Rate;
  readonly calls: DeliveryCall[] = [];
  /** What each message shows now, by id. */
  readonly messages = new Map<string, PartDraft>();
  /** Thrown by the next posts and edits, in order; after the effect where `applied`. */
  readonly failures: { readonly error: Error; readonly applied?: boolean }[] = [];

  constructor(options: { readonly partLimit?: number; readonly rate?: Rate } = {}) {
    this.partLimit = options.partLimit ?? 2_000;
    this.rate = options.rate ?? { edits: 5, perMs: 5_000 };
  }

  budget(): Charge {
    return { key: 'channel', rate: this.rate };
  }

  async showWorking(): Promise<void> {
    this.calls.push({ type: 'working' });
  }

  async post(_target: DeliveryTarget, draft: PartDraft, _signal: AbortSignal): Promise<PostedPart> {
    const part = { index: draft.index, messageId: `m${draft.turnId}-${draft.index}` };
    this.#apply('post', part.messageId, draft);
    return part;
  }

  async edit(_target: DeliveryTarget, posted: PostedPart, draft: PartDraft): Promise<PostedPart> {
    this.#apply('edit', posted.messageId, draft);
    return posted;
  }

  async remove(_target: DeliveryTarget, posted: PostedPart): Promise<void> {
    this.calls.push({ type: 'remove', messageId: posted.messageId });
    this.messages.delete(posted.messageId);
  }

  async callAttention(_target: DeliveryTarget, _turnId: number, last: PostedPart): Promise<void> {
    this.calls.push({ type: 'attention', messageId: last.messageId });
  }

  /** The texts on the platform, first part to last. */
  get texts(): string[] {
    return [...this.messages.values()].sort((a, b) => a.index - b.index).map((draft) => draft.text);
  }

  #apply(type: 'post' | 'edit', messageId: string, draft: PartDraft): void {
    const failure = this.failures.shift();
    if (failure && failure.applied !== true) throw failure.error;
    this.calls.push({ type, messageId, draft });
    this.messages.set(messageId, draft);
    if (failure) throw failure.error;
  }
}
