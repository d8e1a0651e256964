import { computed, type Signal, signal } from '@preact/signals';
import type { Question, TurnCall } from '../api/api-types.js';
import { callApi, sentenceOf } from '../api/call-api.js';
import { randomId } from '../api/random-id.js';
import { stay } from '../state/navigation.js';
import { userId } from '../state/user.js';
import { ConversationSettings, NO_HABITS, type SettingsHabits } from './settings/conversation-settings.js';
import { applyEvent } from './turns/apply-event.js';
import { type AnswerCall, followAnswer } from './turns/follow-answer.js';
import { readPage, readTurns } from './turns/read-turns.js';
import { isOpen, newTurn, type ShownTurn } from './turns/turn.js';
import { TurnList } from './turns/turn-list.js';
import { Votes } from './turns/votes.js';

interface Following {
  /** What is shown again where the call is refused, or does not arrive. */
  readonly before?: ShownTurn;
  /** Called as soon as the API has taken the question. */
  readonly onAccepted?: () => void;
}

/** The conversation on the screen, and what a person does with it. */
export class Conversation {
  readonly id = signal<string | null>(null);
  /** What is set for it. */
  readonly settings: Signal<ConversationSettings>;
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
  readonly votes = new Votes({
    turns: this.#turns,
    caller: () => this.#caller(),
    attempt: (action) => this.#try(action),
  });
  /** What was sent for a turn that has no id yet, to be sent again as it was. */
  readonly #sent = new Map<string, AnswerCall>();
  readonly #habits: SettingsHabits;
  #left = new AbortController();

  constructor(habits = NO_HABITS) {
    this.#habits = habits;
    this.settings = signal(this.#settingsOf(null));
  }

  /** Shows what was said; a null id begins anew. */
  async show(id: string | null): Promise<void> {
    if (id !== this.id.value || this.#reading.value) await this.reload(id);
  }

  async reload(id = this.id.value): Promise<void> {
    this.leave();
    if (id !== this.id.value) this.settings.value = this.#settingsOf(id);
    this.id.value = id;
    this.#turns.replace([]);
    this.earlier.value = null;
    this.problem.value = '';
    this.#reading.value = id !== null;
    if (id === null) return;
    void this.settings.value.read();
    await this.#try(async () => {
      const { turns, earlier } = await this.#page(id);
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
    const [id, before] = [this.id.value, this.earlier.value];
    if (id === null || before === null) return;
    await this.#try(async () => {
      const { turns, earlier } = await this.#page(id, before);
      if (this.earlier.value !== before) return;
      this.earlier.value = earlier;
      this.#turns.shown.value = [...readTurns(turns), ...this.turns.value];
    });
  }

  /** Stops listening to what is on the screen. */
  leave(): void {
    this.settings.value.leave();
    this.#left.abort();
    this.#left = new AbortController();
    this.#sent.clear();
  }

  /** Takes conversations away, this one or others. @throws what `removal` throws */
  async endWith(ids: readonly string[], removal: () => Promise<void>): Promise<void> {
    const isAmong = ids.some((id) => id === this.id.value);
    await (isAmong ? this.settings.value.endWith(removal) : removal());
  }

  /** @returns its id; a conversation that has not begun gets one, under which it can be set up and asked */
  begin(): string {
    const id = this.id.value ?? randomId();
    this.#name(id);
    return id;
  }

  async ask(question: string, more: Pick<Question, 'model'> = {}): Promise<void> {
    const idempotencyKey = randomId();
    const turn = newTurn(`new-${idempotencyKey}`, question);
    this.begin();
    this.#sent.set(turn.key, this.#question(question, idempotencyKey, more));
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
    const sent = { path: { id: String(turn.turnId) }, body: { ...this.#caller(), keep_going: true } };
    const call = { operation: 'POST /api/turns/{id}/regenerate', ...sent, before: this.#settle } as const;
    await this.#follow(turn.key, call, { before: turn });
  }

  /**
   * Asks another question in the place of a turn and of all that came after it, which go once it was taken.
   *
   * @param idempotencyKey - the same one for the same question again
   * @returns why it was not taken, a sentence; empty where it was
   */
  askInstead({ key, turnId }: ShownTurn, question: string, idempotencyKey: string): Promise<string> {
    const turn = newTurn(`new-${idempotencyKey}`, question);
    return new Promise((resolve, reject) => {
      const onAccepted = () => {
        this.#turns.cut(key, turn);
        resolve('');
      };
      const call = this.#question(question, idempotencyKey, turnId === null ? {} : { replaces: turnId });
      this.#follow(turn.key, call, { onAccepted }).then((broken) => resolve(broken), reject);
    });
  }

  async stop(): Promise<void> {
    const turnId = this.open.value?.turnId;
    if (typeof turnId !== 'number') return;
    const sent = { path: { id: String(turnId) }, body: this.#caller() };
    await this.#try(() => callApi('POST /api/turns/{id}/stop', sent));
  }

  #settingsOf(id: string | null): ConversationSettings {
    return new ConversationSettings(id, () => this.begin(), this.#habits);
  }

  readonly #settle = () => this.settings.value.settle();

  #question(question: string, idempotencyKey: string, more: Partial<Question>): AnswerCall {
    const body = { question, ...this.#caller(), keep_going: true, ...more };
    return { operation: 'POST /api/question', body, idempotencyKey, before: this.#settle };
  }

  #caller(): TurnCall {
    return { conversation_id: this.begin(), user_id: userId.value };
  }

  #page(id: string, before?: number) {
    return readPage(id, { user: userId.value, before }, this.#left.signal);
  }

  /** An answer that goes on from before this page listened: its events tell it from the beginning. */
  async #goOn({ key, turnId }: ShownTurn, id: string): Promise<void> {
    const [path, query] = [{ id: String(turnId) }, { conversation_id: id }];
    await this.#follow(key, { operation: 'GET /api/turns/{id}/events', path, query });
  }

  /** @returns why it broke off, a sentence; empty where it did not */
  async #follow(key: string, call: AnswerCall, { before, onAccepted }: Following = {}): Promise<string> {
    const { signal } = this.#left;
    let accepted = false;
    this.problem.value = '';
    this.#turns.change(key, (old) => ({ ...newTurn(key, old.question), turnId: old.turnId }));
    try {
      const broken = await followAnswer(
        call,
        (event) => {
          if (event.event === 'accepted') {
            accepted = true;
            onAccepted?.();
            this.#sent.delete(key);
            this.#name(event.data.conversation_id);
            this.news.value += 1;
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
      return broken?.notice ?? '';
    } catch (error) {
      if (!signal.aborted) throw error;
      return '';
    }
  }

  #name(id: string): void {
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
