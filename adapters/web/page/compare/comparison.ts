import { computed, type Signal, signal } from '@preact/signals';
import { callApi, sentenceOf } from '../api/call-api.js';
import { Conversation } from '../chat/conversation.js';
import { newComparedIds } from '../chat/list/comparison-id.js';
import type { ListedModel } from '../chat/settings/model/model-list.js';
import { stay } from '../state/navigation.js';
import { isComparable, pairTurns, type Round, type Verdict, VOTES, verdictOf } from './rounds.js';
import { SAID } from './sentences.js';

/** One of the two: a conversation of its own, and who answers in it. */
export interface Side {
  /** Of the address's query: the model; with `_conversation` behind it, the conversation. */
  readonly name: 'first' | 'second';
  readonly conversation: Conversation;
  /** Of the model; empty until the models are known. */
  readonly alias: Signal<string>;
}

/** The same questions to two models. */
export class Comparison {
  readonly sides: readonly [Side, Side] = [newSide('first'), newSide('second')];
  /** Null until they are read. */
  readonly models = signal<readonly ListedModel[] | null>(null);
  readonly problem = signal('');
  /** Who answers is chosen: a question may be asked. */
  readonly isReady = computed(
    () => this.models.value !== null && this.sides.every(({ alias }) => alias.value !== ''),
  );
  /** Addresses being read. */
  #showing = 0;
  readonly rounds = computed(() => {
    const [first, second] = this.sides;
    return pairTurns(first.conversation.turns.value, second.conversation.turns.value);
  });
  readonly busy = computed(() => this.sides.some(({ conversation }) => conversation.busy.value));
  readonly hasEarlier = computed(() =>
    this.sides.some(({ conversation }) => conversation.earlier.value !== null),
  );
  readonly problems = computed(() => [
    ...new Set([this.problem.value, ...this.sides.map(({ conversation }) => conversation.problem.value)]),
  ]);

  async readModels(signal: AbortSignal): Promise<void> {
    try {
      const { models } = await callApi('GET /api/models', { signal });
      this.models.value = models;
      this.#choose();
    } catch (error) {
      if (!signal.aborted) this.problem.value = sentenceOf(error);
    }
  }

  /** Shows what an address names. Where it names no models, as a list's does, who answered last answers next. */
  async show(query: URLSearchParams): Promise<void> {
    this.#showing++;
    const shown = this.sides.map(async ({ name, alias, conversation }) => {
      alias.value = query.get(name) ?? '';
      await conversation.show(query.get(`${name}_conversation`));
      if (alias.value === '') alias.value = conversation.turns.value.at(-1)?.model ?? '';
    });
    await Promise.all(shown);
    this.#showing--;
    this.#choose();
  }

  leave(): void {
    for (const { conversation } of this.sides) conversation.leave();
  }

  choose(side: Side, alias: string): void {
    side.alias.value = alias;
    stay(this.#address());
  }

  async ask(question: string): Promise<void> {
    // Named here, so that a reload finds both whatever has come of them.
    const ids = newComparedIds();
    for (const { name, conversation } of this.sides) conversation.id.value ??= ids[name];
    stay(this.#address());
    await this.#both(({ conversation, alias }) => conversation.ask(question, { model: alias.value }));
  }

  async stop(): Promise<void> {
    await this.#both(({ conversation }) => conversation.stop());
  }

  async showEarlier(): Promise<void> {
    await this.#both(({ conversation }) => conversation.showEarlier());
  }

  /** Takes a question off the screen that arrived on neither side. */
  takeBack({ turns }: Round): void {
    for (const [place, { conversation }] of this.sides.entries()) {
      const turn = turns[place];
      if (turn) conversation.takeBack(turn);
    }
  }

  /** The same verdict again takes it back. */
  async judge(round: Round, pressed: Verdict): Promise<void> {
    if (!isComparable(round)) return;
    const votes = verdictOf(round) === pressed ? ([0, 0] as const) : VOTES[pressed];
    await this.#both(async ({ conversation }, place) => {
      const turn = round.turns[place];
      const vote = votes[place] ?? 0;
      const other = round.turns[1 - place]?.model ?? '';
      if (turn) await conversation.votes.rate(turn, vote, vote === 0 ? null : SAID.comment(other));
    });
  }

  /** Where none is chosen: the default model, and the first other that can answer. `auto` is one of the others again. */
  #choose(): void {
    if (this.#showing > 0) return;
    const models = this.models.value ?? [];
    for (const [place, { alias }] of this.sides.entries()) {
      const other = this.sides[1 - place]?.alias.value;
      const free = models.filter(({ alias: each }) => each !== other && each !== 'auto');
      const standard = place === 0 ? free.find(({ is_default }) => is_default) : undefined;
      const chosen = standard ?? free.find(({ state }) => state === 'ready') ?? free[0];
      if (alias.value === '' && chosen) alias.value = chosen.alias;
    }
  }

  /** Of the same models with nothing said yet. */
  freshAddress(): string {
    return `/compare?${this.#chosen()}`;
  }

  #address(): string {
    const query = this.#chosen();
    for (const { name, conversation } of this.sides) {
      if (conversation.id.value !== null) query.set(`${name}_conversation`, conversation.id.value);
    }
    return `/compare?${query}`;
  }

  #chosen(): URLSearchParams {
    return new URLSearchParams(this.sides.map(({ name, alias }) => [name, alias.value]));
  }

  async #both(action: (side: Side, place: number) => Promise<void>): Promise<void> {
    await Promise.all(this.sides.map(action));
  }
}

function newSide(name: Side['name']): Side {
  return { name, conversation: new Conversation(), alias: signal('') };
}
