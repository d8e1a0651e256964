import { readFile } from 'node:fs/promises';
import { Redis } from 'ioredis';
import pg from 'pg';

/** Milliseconds in one tick of /proc/PID/stat: USER_HZ is 100 on every Linux that Node runs on. */
const TICK_MS = 10;

/** Milliseconds of processor time so far. */
export interface ProcessorTime {
  readonly workers: number;
  readonly database: number;
  readonly redis: number;
}

/** Asks what the processes of a fleet and its servers have used of the processor. */
export class ProcessorMeter {
  readonly #database: pg.Client;
  readonly #redis: Redis;

  private constructor(database: pg.Client, redis: Redis) {
    this.#database = database;
    this.#redis = redis;
  }

  static async open(databaseUrl: string, redisUrl: string): Promise<ProcessorMeter> {
    const database = new pg.Client({ connectionString: databaseUrl });
    await database.connect();
    return new ProcessorMeter(database, new Redis(redisUrl));
  }

  /** The database's is that of the connections open now: what background processes use is not in it. */
  async read(workers: readonly number[]): Promise<ProcessorTime> {
    const { rows } = await this.#database.query<{ pid: number }>(
      'SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    const info = await this.#redis.info('cpu');
    const redis = [...info.matchAll(/^used_cpu_(?:sys|user):([\d.]+)/gm)].map(([, s]) => Number(s) * 1_000);
    return {
      workers: await timeOf(workers),
      database: await timeOf(rows.map(({ pid }) => pid)),
      redis: sum(redis),
    };
  }

  async unfinished(): Promise<number> {
    const { rows } = await this.#database.query<{ count: string }>(
      "SELECT count(*) FROM turn WHERE state IN ('pending', 'running')",
    );
    return Number(rows[0]?.count);
  }

  async close(): Promise<void> {
    await this.#database.end();
    this.#redis.disconnect();
  }
}

/** Milliseconds of processor time of all of these so far; zero for a process that is gone. */
export async function timeOf(pids: readonly number[]): Promise<number> {
  const times = pids.map(async (pid) => {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    // After the name, which may hold spaces: utime and stime are fields 14 and 15.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * TICK_MS;
  });
  return sum(await Promise.all(times));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
