import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { z } from 'zod';

const Script = z.object({ name: z.string(), content: z.string() });

/** Names of the queue's scripts in Redis, by the hash that stands for them in EVALSHA. */
export async function redisScriptNames(): Promise<ReadonlyMap<string, string>> {
  const entry = createRequire(import.meta.url).resolve('bullmq');
  const folder = path.join(entry.slice(0, entry.lastIndexOf('dist')), 'dist/esm/scripts');
  const files = (await readdir(folder)).filter((file) => /-\d+\.js$/.test(file));
  const loaded = await Promise.all(files.map((file) => import(path.join(folder, file))));
  return new Map(
    loaded
      .flatMap((module) => Object.values(module))
      .flatMap((value) => Script.safeParse(value).data ?? [])
      .map(({ name, content }) => [createHash('sha1').update(content).digest('hex'), name]),
  );
}
