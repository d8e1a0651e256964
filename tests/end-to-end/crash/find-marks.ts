import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { Redis } from 'ioredis';
import type { UnderTest } from '../parley-under-test.js';

/** The forms in which a text could lie somewhere: as it is, in hexadecimal as bytes are shown, in Base64. */
function formsOf(mark: string): string[] {
  const bytes = Buffer.from(mark);
  return [mark, bytes.toString('hex'), bytes.toString('base64').replace(/=+$/, ''), encodeURIComponent(mark)];
}

/** The marks that `text` holds in any form. */
export function marksIn(text: string, marks: readonly string[]): string[] {
  return marks.filter((mark) => formsOf(mark).some((form) => text.includes(form)));
}

/** Every row of every table as JSON, those of the queue too. Stops what is under test. */
export async function everyRow(under: UnderTest): Promise<string[]> {
  const tables = await under.readDatabase(
    `SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
      WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')`,
  );
  const names = tables.map(({ name }) => String(name));
  const rows = await under.readDatabase(
    names
      .map((name) => `SELECT '${name}: ' || to_jsonb(t)::text AS row FROM ${name} AS t`)
      .join(' UNION ALL '),
  );
  return rows.map(({ row }) => String(row));
}

/** Every key and value of a Redis database. */
export async function everyValue(redisUrl: string): Promise<string[]> {
  const redis = new Redis(redisUrl);
  try {
    const keys = await redis.keys('*');
    return await Promise.all(keys.map(async (key) => JSON.stringify([key, await readValue(redis, key)])));
  } finally {
    await redis.quit();
  }
}

async function readValue(redis: Redis, key: string): Promise<unknown> {
  switch (await redis.type(key)) {
    case 'string':
      return redis.get(key);
    case 'hash':
      return redis.hgetall(key);
    case 'list':
      return redis.lrange(key, 0, -1);
    case 'set':
      return redis.smembers(key);
    case 'zset':
      return redis.zrange(key, '0', '-1');
    case 'stream':
      return redis.xrange(key, '-', '+');
    default:
      return null;
  }
}

/** The contents of every file below a folder. */
export async function everyFile(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  return Promise.all(files.map((file) => readFile(file, 'latin1')));
}
