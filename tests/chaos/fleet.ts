import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { compiledEntry } from '../../src/process/compiled-entry.js';

/** What one process does. */
export interface Post {
  readonly name: string;
  /** The command of `parley` that it runs. */
  readonly command: 'start' | 'gateway' | 'worker' | 'web';
  /** What this one has beside the environment of all. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The end of a process. */
export interface Ending {
  readonly name: string;
  readonly command: Post['command'];
  /** Milliseconds since 1970. */
  readonly at: number;
  /** What we ended it with; null where it ended by itself, which it may where a server it needs is away at its start. */
  readonly signal: 'SIGKILL' | 'SIGTERM' | null;
  /** It was asked to stop, and had not done so in its time. */
  readonly late: boolean;
}

export interface FleetOptions {
  readonly posts: readonly Post[];
  /** Each process gets a folder of its own in it, with its log. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly onEnded: (ending: Ending) => void;
}

/** After which a supervisor such as systemd starts again what ended by itself. */
const SUPERVISOR_MS = 1_000;
/** README.md, "Stopping": 25 s. As much again, for it may be paused, and its machine busy. */
const STOP_PATIENCE_MS = 50_000;

/** Processes of Parley that are started again whenever they end. */
export class Fleet {
  readonly members: readonly Member[];

  constructor(options: FleetOptions) {
    this.members = options.posts.map((post) => new Member(post, options));
  }

  start(): void {
    for (const member of this.members) member.start();
  }

  /** Ends all of them in good order. */
  async stop(): Promise<void> {
    await Promise.all(this.members.map((member) => member.stop()));
  }
}

export class Member {
  readonly name: string;
  readonly command: Post['command'];
  readonly #env: Readonly<Record<string, string>>;
  readonly #options: FleetOptions;
  readonly #over = new AbortController();
  #child: ChildProcess | null = null;
  #ended: { readonly signal: 'SIGKILL' | 'SIGTERM'; readonly awayMs: number } | null = null;
  #late = false;
  #running: Promise<void> | null = null;

  constructor({ name, command, env = {} }: Post, options: FleetOptions) {
    this.name = name;
    this.command = command;
    this.#env = env;
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#keepRunning();
  }

  /**
   * Ends the process, which starts again after `awayMs`. Resolves when it has ended. Does nothing where it is down already.
   *
   * @param signal - SIGKILL leaves it no chance; SIGTERM asks it to stop
   */
  async end(signal: 'SIGKILL' | 'SIGTERM', awayMs: number): Promise<void> {
    const child = this.#child;
    if (!child || this.#ended) return;
    this.#ended = { signal, awayMs };
    const exited = once(child, 'exit');
    child.kill(signal);
    const patience = setTimeout(() => this.#giveUp(child), STOP_PATIENCE_MS);
    await exited;
    clearTimeout(patience);
  }

  /** Stops it from running for a while, as a machine that swaps does, and lets it go on as if nothing had been. */
  async pause(ms: number): Promise<void> {
    const child = this.#child;
    if (!child || this.#ended) return;
    child.kill('SIGSTOP');
    await delay(ms, undefined, { signal: this.#over.signal }).catch(() => {});
    child.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    this.#over.abort();
    this.#child?.kill('SIGCONT');
    this.#child?.kill('SIGTERM');
    const patience = setTimeout(() => this.#giveUp(this.#child), STOP_PATIENCE_MS);
    await this.#running;
    clearTimeout(patience);
  }

  #giveUp(child: ChildProcess | null): void {
    this.#late = true;
    child?.kill('SIGKILL');
  }

  async #keepRunning(): Promise<void> {
    const { signal } = this.#over;
    while (!signal.aborted) {
      const child = this.#spawn();
      this.#child = child;
      this.#ended = null;
      this.#late = false;
      await once(child, 'exit');
      this.#child = null;
      const ending = { name: this.name, command: this.command, at: Date.now(), late: this.#late };
      if (signal.aborted) {
        this.#options.onEnded({ ...ending, signal: 'SIGTERM' });
        return;
      }
      const { signal: sent = null, awayMs = SUPERVISOR_MS } = this.#ended ?? {};
      this.#options.onEnded({ ...ending, signal: sent });
      await delay(awayMs, undefined, { signal }).catch(() => {});
    }
  }

  #spawn(): ChildProcess {
    const folder = path.join(this.#options.folder, this.name);
    mkdirSync(folder, { recursive: true });
    const output = openSync(path.join(folder, 'parley.log'), 'a');
    return spawn(process.execPath, [compiledEntry('src/main'), this.command], {
      cwd: this.#options.folder,
      env: { ...this.#options.env, ...this.#env, PARLEY_DATA_DIR: path.join(folder, 'data') },
      stdio: ['ignore', output, output],
    });
  }
}
