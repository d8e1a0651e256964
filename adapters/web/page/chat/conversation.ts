import { computed, signal } from '@preact/signals';
import { ApiError, callApi, sentenceOf } from '../api/call-api.js';
import { stay } from '../shell/navigation.js';
import { userId } from '../shell/user.js';
import { applyEvent } from './apply-event.js';
import { type AnswerCall, followAnswer } from './follow-answer.js';
import { randomId } from './random-id.js';
import { readTurns, type StoredTurn } from './read-turns.js';
import { isOpen, newTurn, type ShownTurn, type Vote } from './turn.js';
import { TurnList } from './turn-list.js';

interface StoredPage {
  readonly turns: readonly StoredTurn[];
  readonly earlier: number | null;
}

/** The conversation on the screen, and what a person does with it. */
export class Conversation {
  readonly id = signal<string | null>(null);
  readonly problem = signal('');
  readonly #reading = signal(true);
  /** Nothing was said in it yet, or nothing is left of it. */
  readonly isEmpty = computed(
    () => this.turns.value.length === 0 && !this.#reading.value && this.problem.value === '',
  );
  /** Names the turn that those on the screen come after, where there are earlier ones. */
  readonly earlier = signal<number | null>(null);
  /** Rises when a question was taken in and when its answer has ended: what lists conversations is out of date. */
  readonly news = signal(0);
  readonly #turns = new TurnList();
  readonly turns = this.#turns.shown;
  readonly open = this.#turns.open;
  readonly busy = this.#turns.busy;
  readonly firstQuestion = this.#turns.firstQuestion;
  /** What was sent for a turn that has no id yet, to be sent again as it was. */
  readonly #sent = new Map<string, AnswerCall>();
  #left = new AbortController();

  /** Shows what was said; a null id begins anew. */
  async show(id: string | null): Promise<void> {
    if (id !== this.id.value || this.#reading.value) await this.reload(id);
  }

  async reload(id = this.id.value): Promise<void> {
    this.leave();
    this.id.value = id;
    this.#turns.replace([]);
    this.earlier.value = null;
    this.problem.value = '';
    this.#reading.value = id !== null;
    if (id === null) return;
    await this.#try(async () => {
      const { turns, earlier } = await this.#read(id);
      const stored = readTurns(turns);
      const known = new Set(stored.map(({ turnId }) => turnId));
      // A question may have been asked in the meantime.
      const asked = this.turns.value.filter(({ turnId }) => !known.has(turnId));
      this.#turns.shown.value = [...stored, ...asked];
      this.earlier.value = earlier;
      for (const turn of stored.filter(isOpen)) void this.#goOn(turn, id);
    });
    if (this.id.value === id) this.#reading.value = false;
  }

  async showEarlier(): Promise<void> {
    const { value: id } = this.id;
    const { value: before } = this.earlier;
    if (id === null || before === null) return;
    await this.#try(async () => {
      const { turns, earlier } = await this.#read(id, before);
      if (this.earlier.value !== before) return;
      this.earlier.value = earlier;
      this.#turns.shown.value = [...readTurns(turns), ...this.turns.value];
    });
  }

  /** Stops listening to what is on the screen. */
  leave(): void {
    this.#left.abort();
    this.#left = new AbortController();
    this.#sent.clear();
  }

  /** @param more - fields of the API's question beside what every one has, as its model */
  async ask(question: string, more: object = {}): Promise<void> {
    const idempotencyKey = randomId();
    const turn = newTurn(`new-${idempotencyKey}`, question);
    const conversation = this.id.value;
    const body = {
      question,
      user_id: userId.value,
      keep_going: true,
      ...more,
      ...(conversation !== null && { conversation_id: conversation }),
    };
    this.#sent.set(turn.key, { path: '/api/question', body, idempotencyKey });
    this.#turns.shown.value = [...this.turns.value, turn];
    await this.tryAgain(turn);
  }

  /** After a connection broke off: hears what came of a question, or sends it again as it was. */
  async tryAgain(turn: ShownTurn): Promise<void> {
    const { value: id } = this.id;
    const sent = this.#sent.get(turn.key);
    if (turn.turnId !== null && id !== null) await this.#goOn(turn, id);
    else if (sent) await this.#follow(turn.key, sent);
  }

  /** Takes a question off the screen that never arrived. */
  takeBack({ key }: ShownTurn): void {
    this.#sent.delete(key);
    this.#turns.remove(key);
  }

  async again(turn: ShownTurn): Promise<void> {
    if (turn.turnId === null) return;
    const body = { ...this.#caller(), keep_going: true };
    await this.#follow(turn.key, { path: `/api/turns/${turn.turnId}/regenerate`, body }, turn);
  }

  async stop(): Promise<void> {
    const turnId = this.open.value?.turnId;
    if (turnId === null || turnId === undefined) return;
    await this.#try(() => callApi(`/api/turns/${turnId}/stop`, { method: 'POST', body: this.#caller() }));
  }

  /** The same vote again takes it back. With another vote, or none, the comment goes. */
  async vote(turn: ShownTurn, pressed: -1 | 1): Promise<void> {
    const vote = turn.vote === pressed ? 0 : pressed;
    await this.#try(() => this.#saveVote(turn, vote, null));
  }

  /** @throws {ApiError} with the sentence to show */
  async comment(turn: ShownTurn, comment: string): Promise<void> {
    await this.#saveVote(turn, turn.vote, comment);
  }

  /** Keeps this vote whatever there was. @param comment - null keeps the one of the same vote */
  async rate(turn: ShownTurn, vote: Vote, comment: string | null): Promise<void> {
    await this.#try(() => this.#saveVote(turn, vote, comment));
  }

  async #saveVote({ key, turnId }: ShownTurn, vote: Vote, comment: string | null): Promise<void> {
    const body = { ...this.#caller(), vote, ...(comment !== null && { comment }) };
    await callApi(`/api/turns/${turnId}/vote`, { method: 'POST', body });
    this.#turns.change(key, (old) => ({ ...old, vote, comment: comment || null }));
  }

  #caller() {
    return { conversation_id: this.id.value, user_id: userId.value };
  }

  /** @throws {ApiError} */
  async #read(id: string, before?: number): Promise<StoredPage> {
    const query = new URLSearchParams({ user_id: userId.value });
    if (before !== undefined) query.set('before', String(before));
    const path = `/api/conversations/${encodeURIComponent(id)}?${query}`;
    try {
      return await callApi<StoredPage>(path, { signal: this.#left.signal });
    } catch (error) {
      // A page may name a conversation before anything is said in it.
      if (error instanceof ApiError && error.status === 404) return { turns: [], earlier: null };
      throw error;
    }
  }

  /** An answer that goes on from before this page listened: its events tell it from the beginning. */
  async #goOn({ key, turnId }: ShownTurn, id: string): Promise<void> {
    await this.#follow(key, {
      path: `/api/turns/${turnId}/events?conversation_id=${encodeURIComponent(id)}`,
    });
  }

  /** @param before - what is shown again where the call is refused, or does not arrive */
  async #follow(key: string, call: AnswerCall, before?: ShownTurn): Promise<void> {
    const { signal } = this.#left;
    let accepted = false;
    this.problem.value = '';
    this.#turns.change(key, (old) => ({ ...newTurn(key, old.question), turnId: old.turnId }));
    try {
      const broken = await followAnswer(
        call,
        (event) => {
          if (event.name === 'accepted') {
            accepted = true;
            this.#sent.delete(key);
            this.#accepted((event.data as { conversation_id: string }).conversation_id);
          }
          this.#turns.changeSoon(key, (turn) => applyEvent(turn, event));
        },
        signal,
      );
      if (broken && before && !accepted) {
        this.problem.value = broken.notice;
        this.#turns.change(key, () => before);
      } else if (broken) {
        this.#turns.changeSoon(key, (turn) =>
          isOpen(turn) ? { ...turn, state: 'failed', ...broken } : turn,
        );
      }
      this.news.value += 1;
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  #accepted(id: string): void {
    this.news.value += 1;
    if (this.id.value === id) return;
    this.id.value = id;
    stay(`/?conversation=${encodeURIComponent(id)}`);
  }

  async #try(action: () => Promise<unknown>): Promise<void> {
    const { signal } = this.#left;
    this.problem.value = '';
    try {
      await action();
    } catch (error) {
      if (!signal.aborted) this.problem.value = sentenceOf(error);
    }
  }
}
