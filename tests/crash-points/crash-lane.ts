import { openSync } from 'node:fs';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { Activity } from '../chaos/activity.js';
import { judge, type Verdict } from '../chaos/judge.js';
import { questionText } from '../chaos/marked-words.js';
import { readTurns } from '../chaos/stored-turns.js';
import type { AskedQuestion } from '../chaos/talk.js';
import { type SpawnedParley, spawnParley } from '../end-to-end/spawn-parley.js';
import { type LanePlatform, openPlatform, type PlatformName } from './lane-platform.js';
import { type LaneStorage, openStorage, type StorageKind } from './lane-storage.js';
import { type MarkedModel, startMarkedModel } from './marked-model.js';
import { type Exploration, IDLE_FROM_HERE, readExploration, type Step, type StrikePoint } from './steps.js';

/** What became of one attempt to end the process at a step. */
export interface Strike {
  readonly step: StrikePoint;
  /** Of the question that the process worked on. */
  readonly tag: string;
  /** False where the message was answered without coming to that step. */
  readonly reached: boolean;
  /** From the kill to the finished answer, in ms; null where there was no kill, or no answer. */
  recoveredMs: number | null;
}

export interface LaneVerdict extends Verdict {
  readonly strikes: readonly Strike[];
}

const PRELOAD = fileURLToPath(new URL('./preload.mjs', import.meta.url));
const LOOK_MS = 25;
/** A killed process's question is answered within this after the next start, on a busy machine. */
const ANSWER_MS = 240_000;
/** What a start takes at most on a quiet machine, in ms. The times below are as much longer as the last start was. */
const QUIET_START_MS = 4_000;
/** A process has started, and handled what was left from before, within this, in ms. */
const SETTLE_MS = 2_000;
/** Long enough for what it does every second, in ms. */
const IDLE_MS = 2_500;
/** What follows the finished answer (its turn, its job) comes within this, in ms. */
const AFTERWARDS_MS = 1_500;
const CONFIGURATION = {
  models: { hosted: { endpoint: 'openai', name: 'scripted', contextSize: 131_072 } },
  downloads: { allowed: false },
  sampling: { maxTokens: 4_096 },
  limits: { turnsPerMinute: 10_000 },
  delivery: { callAttention: 'off' },
};

/** One Parley on a platform and a database of its own, which is ended and started again and again. */
export class CrashLane {
  readonly platform: PlatformName;
  readonly #place: LanePlatform;
  readonly #storage: LaneStorage;
  readonly #model: MarkedModel;
  readonly #folder: string;
  readonly #log: number;
  readonly #activity = new Activity();
  readonly #looking: NodeJS.Timeout;
  readonly #asked: AskedQuestion[] = [];
  readonly #strikes: Strike[] = [];
  readonly #troubles: string[] = [];
  #running: SpawnedParley | null = null;
  #record = '';
  #starts = 0;
  /** 1: a quiet machine. */
  #slowness = 1;

  private constructor(parts: {
    platform: PlatformName;
    place: LanePlatform;
    storage: LaneStorage;
    model: MarkedModel;
    folder: string;
  }) {
    this.platform = parts.platform;
    this.#place = parts.place;
    this.#storage = parts.storage;
    this.#model = parts.model;
    this.#folder = parts.folder;
    this.#log = openSync(path.join(parts.folder, 'parley.log'), 'a');
    this.#looking = setInterval(() => this.#place.venue.observe(this.#activity), LOOK_MS);
  }

  static async open(platform: PlatformName, kind: StorageKind): Promise<CrashLane> {
    const folder = await mkdtemp(path.join(tmpdir(), 'parley-crash-'));
    await writeFile(path.join(folder, 'parley.config.yaml'), stringify(CONFIGURATION));
    const [place, storage, model] = await Promise.all([
      openPlatform(platform),
      openStorage(kind, folder),
      startMarkedModel(),
    ]);
    return new CrashLane({ platform, place, storage, model, folder });
  }

  /** What a process of this kind does, first without a message and then with one in that conversation. */
  async explore(talk: number): Promise<Exploration> {
    await this.#start(null);
    await delay(SETTLE_MS * this.#slowness);
    await appendFile(this.#record, IDLE_FROM_HERE);
    await delay(IDLE_MS * this.#slowness);
    await this.#answered([this.#ask(talk)]);
    await delay(AFTERWARDS_MS * this.#slowness);
    await this.#running?.end('SIGKILL');
    return readExploration(await readFile(this.#record, 'utf8'));
  }

  /** Ends the process at each of the steps, each time with another question; the next start answers it. */
  async strike(steps: readonly StrikePoint[]): Promise<void> {
    let open: { readonly strike: Strike; readonly questions: readonly AskedQuestion[]; at: number } | null =
      null;
    const recover = async () => {
      if (open === null) return;
      const { strike, questions, at } = open;
      open = null;
      if (await this.#answered(questions)) strike.recoveredMs = Date.now() - at;
      else if (questions.some((one) => !this.#activity.finished(one.tag) && !one.mayBeMissed()))
        this.#troubles.push(`not answered: killed at ${nameOf(strike)}`);
    };
    for (const step of steps) {
      await this.#start(step);
      await recover();
      let struck = await this.#strikeOnce(step);
      if (!struck.strike.reached) {
        // Some steps come once in a process's life: what was left from before may have been their occasion.
        await this.#start(step);
        struck = await this.#strikeOnce(step);
      }
      this.#strikes.push(struck.strike);
      open = struck.strike.reached ? struck : null;
    }
    await this.#start(null);
    await recover();
    await this.#running?.end('SIGTERM');
  }

  /** Holds what people see against what is stored. */
  async judge(): Promise<LaneVerdict> {
    await this.#running?.end('SIGTERM');
    const questions = this.#asked.map((asked) => ({
      ...asked,
      takenAt: asked.takenAt(),
      mayBeMissed: asked.mayBeMissed(),
    }));
    const shown = new Map(this.#place.venue.talks.map((talk) => [talk.name, talk.shown()]));
    const verdict = judge(questions, await readTurns(this.#storage.place), shown);
    const findings = [...verdict.findings.map((finding) => this.#withStep(finding)), ...this.#troubles];
    return { ...verdict, findings, strikes: this.#strikes };
  }

  async close(keep: boolean): Promise<void> {
    clearInterval(this.#looking);
    await this.#running?.end('SIGKILL');
    await this.#model.stop();
    await this.#place.stop();
    await this.#storage.stop();
    if (!keep) await rm(this.#folder, { recursive: true, force: true });
  }

  /** Log and data. */
  get folder(): string {
    return this.#folder;
  }

  async #strikeOnce(step: StrikePoint) {
    const asked = this.#ask(step.talk);
    const running = this.#running;
    let killed = false;
    void running?.ended.then(() => {
      killed = true;
    });
    await until(() => killed || this.#activity.finished(asked.tag), ANSWER_MS);
    const at = Date.now();
    await until(() => killed, killed ? 0 : AFTERWARDS_MS * this.#slowness);
    const strike: Strike = { step, tag: asked.tag, reached: killed, recoveredMs: null };
    // Written while nobody listens, in the same conversation: it must come second.
    const questions = killed ? [asked, this.#ask(step.talk, true)] : [asked];
    await running?.end('SIGKILL');
    return { strike, questions, at };
  }

  async #start(strike: Step | null): Promise<void> {
    this.#starts += 1;
    this.#record = path.join(this.#folder, `steps-${this.#starts}`);
    await writeFile(this.#record, '');
    const plan = {
      marker: questionText(this.#nextTag),
      ports: { ...this.#place.ports, ...this.#storage.ports, ...this.#model.ports },
      record: this.#record,
      strike,
    };
    const began = Date.now();
    this.#running = await spawnParley('start', {
      cwd: this.#folder,
      env: {
        PATH: process.env['PATH'] ?? '',
        PARLEY_DATA_DIR: path.join(this.#folder, 'data'),
        PARLEY_PORT: '0',
        PARLEY_MODEL: 'hosted',
        LOG_LEVEL: 'info',
        OPENAI_BASE_URL: this.#model.url,
        ...this.#place.env,
        ...this.#storage.env,
        CRASH_PLAN: JSON.stringify(plan),
      },
      preload: PRELOAD,
      log: this.#log,
    });
    const reachable = () => this.#place.venue.talks.every((talk) => talk.reachable());
    if (!(await until(reachable, ANSWER_MS))) throw new Error(`no connection; see ${this.#folder}`);
    this.#slowness = Math.max(1, (Date.now() - began) / QUIET_START_MS);
  }

  get #nextTag(): string {
    return `t${this.#asked.length + 1}`;
  }

  #ask(number: number, short = false): AskedQuestion {
    const talk = this.#place.venue.talks[number];
    if (!talk) throw new Error(`there is no conversation ${number}`);
    if (short) this.#model.shorten(this.#nextTag);
    const asked = talk.ask(this.#nextTag, { twiceAfterMs: null, lateMs: 0 });
    this.#asked.push(asked);
    return asked;
  }

  #answered(questions: readonly AskedQuestion[]): Promise<boolean> {
    return until(() => questions.every(({ tag }) => this.#activity.finished(tag)), ANSWER_MS);
  }

  #withStep(finding: string): string {
    const [tag = ''] = /\bt\d+\b/.exec(finding) ?? [];
    const number = Number(tag.slice(1));
    const strike = this.#strikes.find((each) => each.tag === tag || each.tag === `t${number - 1}`);
    return strike === undefined ? finding : `killed at ${nameOf(strike)}: ${finding}`;
  }
}

function nameOf({ step }: Strike): string {
  return `"${step.label}" (${step.occurrence})`;
}

/** Whether it held within `ms`. */
async function until(holds: () => boolean, ms: number): Promise<boolean> {
  for (const end = Date.now() + ms; !holds(); await delay(LOOK_MS)) {
    if (Date.now() >= end) return false;
  }
  return true;
}
