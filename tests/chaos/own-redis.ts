import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { awaitCondition } from '../doubles/await-condition.js';
import { accepts } from './accepts.js';
import { freePort } from './free-port.js';

/** A Redis of this run's own: one that may be killed, and that may forget everything. */
export class OwnRedis {
  readonly port: number;
  readonly #folder: string;
  #child: ChildProcess | null = null;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.port = port;
  }

  /** @throws {Error} where no redis-server is installed */
  static async start(folder: string): Promise<OwnRedis> {
    const redis = new OwnRedis(path.join(folder, 'redis'), await freePort());
    await redis.start();
    return redis;
  }

  async start(): Promise<void> {
    if (this.#child) return;
    await mkdir(this.#folder, { recursive: true });
    const settings = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.#folder];
    const child = spawn('redis-server', [...settings, '--appendonly', 'yes', '--save', ''], {
      stdio: 'ignore',
    });
    this.#child = child;
    const failed = new Promise<never>((_resolve, reject) => child.once('error', reject));
    await Promise.race([failed, awaitCondition(() => accepts(this.port), 50)]);
  }

  /** Ends it on the spot. What it wrote to its append-only file is there after the next start. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  /** Kills it and deletes what it wrote. */
  async lose(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
