import type { LlamaContextSequence, LlamaTextValue, Token } from 'node-llama-cpp';
import { chooseSlot } from './choose-slot.js';
import type { LoadedModel } from './load-model.js';
import { commonPrefix, promptTokens } from './prompt-tokens.js';
import { type StateCache, worthSaving } from './state-cache.js';

interface Slot {
  sequence: LlamaContextSequence;
  busy: boolean;
  /** The conversation whose tokens the sequence holds. */
  cacheKey: string | null;
  /** What the sequence holds was forgotten: it goes as soon as the slot is idle. */
  forgotten: boolean;
  lastUsed: number;
}

/** A prompt in its slot: the sequence holds exactly the first `cached` of its tokens. */
export interface Seat {
  readonly sequence: LlamaContextSequence;
  readonly prompt: Token[];
  readonly cached: number;
}

/**
 * The context's sequences and the conversations that lie warm in them; those that lost theirs wait on disk.
 *
 * The library locks a context for as long as batches follow each other: call `seat` and `renew` between two batches.
 */
export class SlotTable {
  readonly #loaded: LoadedModel;
  readonly #states: StateCache | null;
  readonly #slots: Slot[];
  #uses = 0;
  readonly counters = { promptTokensReused: 0, statesSaved: 0, statesRestored: 0 };

  constructor(loaded: LoadedModel, states: StateCache | null) {
    this.#loaded = loaded;
    this.#states = states;
    this.#slots = Array.from({ length: loaded.info.slots }, () => ({
      sequence: loaded.context.getSequence(),
      busy: false,
      cacheKey: null,
      forgotten: false,
      lastUsed: 0,
    }));
  }

  get idle(): number {
    return this.#slots.filter((slot) => !slot.busy).length;
  }

  get busy(): number {
    return this.#slots.length - this.idle;
  }

  /** Takes the best idle slot for a conversation; null where all are busy. */
  take(cacheKey: string): number | null {
    const index = chooseSlot(this.#slots, cacheKey);
    if (index !== null) {
      const slot = this.#at(index);
      slot.busy = true;
      slot.lastUsed = ++this.#uses;
    }
    return index;
  }

  /** The conversation stays warm until another needs the slot. */
  free(index: number): void {
    this.#at(index).busy = false;
  }

  /**
   * Brings into a taken slot what is known of the conversation, and drops what its prompt does not begin with.
   *
   * @param tokensPerMs - how fast prompts are evaluated here, null where unknown
   */
  async seat(
    index: number,
    cacheKey: string,
    values: readonly LlamaTextValue[],
    tokensPerMs: number | null,
  ): Promise<Seat> {
    const slot = this.#at(index);
    if (slot.cacheKey !== cacheKey) await this.#change(index, cacheKey, tokensPerMs);
    const { sequence } = slot;
    const { tokenizer } = this.#loaded.model;
    const held = sequence.contextTokens;
    let prompt = promptTokens(values, tokenizer, held);
    // The model's own spelling of its replies can be longer than the one that was found to fit.
    if (prompt.length >= this.#loaded.info.contextSize) prompt = promptTokens(values, tokenizer);
    // The last token is always evaluated: the reply's first is sampled from it.
    const cached = Math.min(commonPrefix(held, prompt), prompt.length - 1);
    if (cached < held.length) await sequence.eraseContextTokenRanges([{ start: cached, end: held.length }]);
    this.counters.promptTokensReused += cached;
    return { sequence, prompt, cached };
  }

  /** Gives a slot an empty sequence: after a failure nobody knows what the old one's memory holds. */
  async renew(index: number): Promise<void> {
    const slot = this.#at(index);
    slot.cacheKey = null;
    await slot.sequence.dispose();
    // Only this id is free, so the slot keeps its number.
    slot.sequence = this.#loaded.context.getSequence();
  }

  /** Drops what the disk holds of a conversation, and marks what lies warm for `eraseForgotten`. */
  async forget(cacheKey: string): Promise<void> {
    for (const slot of this.#slots) {
      if (slot.cacheKey !== cacheKey) continue;
      slot.cacheKey = null;
      slot.forgotten = true;
    }
    await this.#states?.forget(cacheKey);
  }

  /** Empties the idle slots whose conversation was forgotten. Call it between two batches. */
  async eraseForgotten(): Promise<void> {
    for (const [index, slot] of this.#slots.entries()) {
      if (!slot.forgotten || slot.busy) continue;
      slot.forgotten = false;
      await this.renew(index);
    }
  }

  /** Saves every conversation that would take long to evaluate again. */
  async saveWarm(tokensPerMs: number | null): Promise<void> {
    for (const slot of this.#slots) await this.#evict(slot, tokensPerMs);
  }

  /** Gives a slot to another conversation, with what the disk holds of it; else a shared beginning stays. */
  async #change(index: number, cacheKey: string, tokensPerMs: number | null): Promise<void> {
    const slot = this.#at(index);
    await this.#evict(slot, tokensPerMs);
    slot.cacheKey = cacheKey;
    // What it held before leaves it now, but for what the new prompt says as well.
    slot.forgotten = false;
    const restored = (await this.#states?.restore(cacheKey, slot.sequence)) ?? 'none';
    if (restored === 'restored') this.counters.statesRestored++;
    if (restored === 'broken') {
      await this.renew(index);
      slot.cacheKey = cacheKey;
    }
  }

  async #evict(slot: Slot, tokensPerMs: number | null): Promise<void> {
    if (slot.cacheKey === null || this.#states === null) return;
    const tokens = slot.sequence.nextTokenIndex;
    if (!worthSaving(tokens, tokensPerMs, this.#states.bytesPerToken)) return;
    if (await this.#states.save(slot.cacheKey, slot.sequence)) this.counters.statesSaved++;
  }

  #at(index: number): Slot {
    const slot = this.#slots[index];
    if (slot === undefined) throw new RangeError(`there is no slot ${index}`);
    return slot;
  }
}
