import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Activity } from './activity.js';
import type { Random } from './random.js';
import type { AskedQuestion, Talk, Telling } from './talk.js';

export interface CrowdOptions {
  readonly talks: readonly Talk[];
  readonly activity: Activity;
  readonly random: Random;
  /** Questions in all. */
  readonly turns: number;
  /** Called before each question. */
  readonly beforeAsking: () => void;
}

/** An answer that takes longer than this, in ms, keeps nobody from asking on. Slack takes few edits a minute. */
const PATIENCE_MS = 90_000;
const LOOK_MS = 100;
/** Share of questions asked whether or not somebody listens. */
const UNHEARD_SHARE = 0.05;

/** People who ask and, mostly, wait for an answer before they ask again. */
export class Crowd {
  readonly asked: AskedQuestion[] = [];
  readonly #options: CrowdOptions;

  constructor(options: CrowdOptions) {
    this.#options = options;
  }

  /** Resolves when all questions are asked, or `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { talks } = this.#options;
    setMaxListeners(0, signal);
    try {
      await Promise.all(talks.map((talk) => this.#talk(talk, signal)));
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async #talk(talk: Talk, signal: AbortSignal): Promise<void> {
    const { activity, turns } = this.#options;
    const random = this.#options.random.fork(
      talk.name.replace(/\d+$/, '') + this.#options.talks.indexOf(talk),
    );
    await delay(random.between(0, 3_000), undefined, { signal });
    while (this.asked.length < turns) {
      const burst = random.weighted([1, 2, 3], (size) => 4 - size);
      const questions: AskedQuestion[] = [];
      for (let i = 0; i < burst && this.asked.length < turns; i++) {
        if (!random.chance(UNHEARD_SHARE))
          await until(() => talk.reachable(), Number.POSITIVE_INFINITY, signal);
        questions.push(this.#ask(talk, random));
        await delay(random.between(0, 300), undefined, { signal });
      }
      await until(() => questions.every(({ tag }) => activity.finished(tag)), PATIENCE_MS, signal);
      await delay(random.between(0, 1_000), undefined, { signal });
    }
  }

  #ask(talk: Talk, random: Random): AskedQuestion {
    this.#options.beforeAsking();
    const telling: Telling = {
      twiceAfterMs: random.chance(0.1) ? random.pick([0, 500, 8_000]) : null,
      lateMs: random.chance(0.05) ? random.between(50, 2_000) : 0,
    };
    const question = talk.ask(`t${this.asked.length + 1}`, telling);
    this.asked.push(question);
    return question;
  }
}

async function until(holds: () => boolean, ms: number, signal: AbortSignal): Promise<void> {
  for (const end = Date.now() + ms; !holds() && Date.now() < end; ) {
    await delay(LOOK_MS, undefined, { signal });
  }
}
