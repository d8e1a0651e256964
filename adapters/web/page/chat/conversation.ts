import { computed, signal } from '@preact/signals';
import { callApi, request, sentenceOf } from '../api/call-api.js';
import { readEvents } from '../api/event-stream.js';
import { applyEvent } from './apply-event.js';
import { readTurns, type StoredTurn } from './read-turns.js';
import { SAID } from './sentences.js';
import { isOpen, newTurn, type ShownTurn } from './turn.js';

const STORED_USER = 'parley.user';

/** The conversation on the screen, and what a person does with it. */
export class Conversation {
  readonly id = signal<string | null>(null);
  readonly turns = signal<readonly ShownTurn[]>([]);
  readonly problem = signal('');
  readonly open = computed(() => this.turns.value.find(isOpen) ?? null);
  /** Events that came since the last frame; one render a frame is enough for eyes. */
  #pending: (() => void)[] = [];
  #keys = 0;
  #left = new AbortController();

  get userId(): string {
    return localStorage.getItem(STORED_USER) ?? 'me';
  }

  /** Shows what was said; a null id begins anew. */
  async show(id: string | null): Promise<void> {
    if (id === this.id.value) return;
    this.leave();
    this.id.value = id;
    this.turns.value = [];
    this.problem.value = '';
    if (id === null) return;
    try {
      const path = `/api/conversations/${encodeURIComponent(id)}`;
      const { turns } = await callApi<{ turns: readonly StoredTurn[] }>(path, { signal: this.#left.signal });
      this.turns.value = readTurns(turns);
      for (const turn of this.turns.value.filter(isOpen)) void this.#goOn(turn, id);
    } catch (error) {
      if (!this.#left.signal.aborted) this.problem.value = sentenceOf(error);
    }
  }

  /** Stops listening to what is on the screen. */
  leave(): void {
    this.#left.abort();
    this.#left = new AbortController();
    this.#pending = [];
  }

  async ask(question: string): Promise<void> {
    this.#keys += 1;
    const turn = newTurn(`new-${this.#keys}`, question);
    this.turns.value = [...this.turns.value, turn];
    const conversation = this.id.value;
    await this.#follow(turn.key, '/api/question', {
      question,
      user_id: this.userId,
      keep_going: true,
      ...(conversation !== null && { conversation_id: conversation }),
    });
  }

  async again(turn: ShownTurn): Promise<void> {
    if (turn.turnId === null) return;
    const { key, turnId } = turn;
    this.#change(key, (old) => ({ ...newTurn(key, old.question), turnId }));
    await this.#follow(key, `/api/turns/${turnId}/regenerate`, { ...this.#caller(), keep_going: true });
  }

  async stop(): Promise<void> {
    const turnId = this.open.value?.turnId;
    if (turnId === null || turnId === undefined) return;
    await this.#try(() => callApi(`/api/turns/${turnId}/stop`, { method: 'POST', body: this.#caller() }));
  }

  async vote(turn: ShownTurn, vote: -1 | 1): Promise<void> {
    await this.#try(async () => {
      const body = { ...this.#caller(), vote };
      await callApi(`/api/turns/${turn.turnId}/vote`, { method: 'POST', body });
      this.#change(turn.key, (old) => ({ ...old, vote }));
    });
  }

  #caller() {
    return { conversation_id: this.id.value, user_id: this.userId };
  }

  /** An answer that goes on from before this page was opened: its events tell it from the beginning. */
  async #goOn({ key, turnId }: ShownTurn, id: string): Promise<void> {
    this.#change(key, (turn) => ({ ...turn, answer: '' }));
    await this.#follow(key, `/api/turns/${turnId}/events?conversation_id=${encodeURIComponent(id)}`);
  }

  async #follow(key: string, path: string, body?: object): Promise<void> {
    const { signal } = this.#left;
    try {
      const response = await request(
        path,
        { ...(body && { method: 'POST', body }), signal },
        'text/event-stream',
      );
      if (!response.body) throw new TypeError('an answer without a body');
      for await (const event of readEvents(response.body)) {
        if (event.name === 'accepted')
          this.#name((event.data as { conversation_id: string }).conversation_id);
        this.#soon(() => this.#change(key, (turn) => applyEvent(turn, event)));
      }
      this.#soon(() => this.#endBroken(key, SAID.broken));
    } catch (error) {
      if (signal.aborted) return;
      this.#soon(() => this.#endBroken(key, sentenceOf(error)));
    }
  }

  #endBroken(key: string, notice: string): void {
    this.#change(key, (turn) => (isOpen(turn) ? { ...turn, state: 'failed', notice } : turn));
  }

  #name(id: string): void {
    if (this.id.value === id) return;
    this.id.value = id;
    history.replaceState(null, '', `/?conversation=${encodeURIComponent(id)}`);
  }

  #soon(change: () => void): void {
    this.#pending.push(change);
    if (this.#pending.length > 1) return;
    requestAnimationFrame(() => {
      const changes = this.#pending;
      this.#pending = [];
      for (const apply of changes) apply();
    });
  }

  #change(key: string, change: (turn: ShownTurn) => ShownTurn): void {
    this.turns.value = this.turns.value.map((turn) => (turn.key === key ? change(turn) : turn));
  }

  async #try(action: () => Promise<unknown>): Promise<void> {
    this.problem.value = '';
    try {
      await action();
    } catch (error) {
      this.problem.value = sentenceOf(error);
    }
  }
}
