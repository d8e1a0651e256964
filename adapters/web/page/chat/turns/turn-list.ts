import { computed, signal } from '@preact/signals';
import { isOpen, type ShownTurn } from './turn.js';

/** The turns on the screen, which many events a second may change. */
export class TurnList {
  readonly shown = signal<readonly ShownTurn[]>([]);
  /** The one being answered. */
  readonly open = computed(() => this.shown.value.find(isOpen) ?? null);
  /** Changes less often than the turns, for whoever is not to be rendered with every event. */
  readonly busy = computed(() => this.open.value !== null);
  readonly firstQuestion = computed(() => this.shown.value[0]?.question ?? null);
  /** Changes that came since the last frame; one render a frame is enough for eyes. */
  #pending: (() => void)[] = [];

  find(key: string): ShownTurn | undefined {
    return this.shown.value.find((turn) => turn.key === key);
  }

  change(key: string, change: (turn: ShownTurn) => ShownTurn): void {
    this.shown.value = this.shown.value.map((turn) => (turn.key === key ? change(turn) : turn));
  }

  /** The same, with the next frame, in the order of the calls. */
  changeSoon(key: string, change: (turn: ShownTurn) => ShownTurn): void {
    this.#pending.push(() => this.change(key, change));
    if (this.#pending.length > 1) return;
    requestAnimationFrame(() => {
      const changes = this.#pending;
      this.#pending = [];
      for (const apply of changes) apply();
    });
  }

  remove(key: string): void {
    this.shown.value = this.shown.value.filter((turn) => turn.key !== key);
  }

  /** Puts a turn in the place of another and of all after it. */
  cut(key: string, turn: ShownTurn): void {
    const at = this.shown.value.findIndex((shown) => shown.key === key);
    this.shown.value = [...(at < 0 ? this.shown.value : this.shown.value.slice(0, at)), turn];
  }

  /** Shows others; what was to change is dropped. */
  replace(turns: readonly ShownTurn[]): void {
    this.#pending = [];
    this.shown.value = turns;
  }
}
