import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { PACKAGE_ROOT } from '../../../src/process/compiled-entry.js';

/** Starts job-holder.mjs and resolves once it holds a job. */
export async function holdJob(
  kind: 'redis' | 'postgres',
  url: string,
  prefix: string,
  queue: string,
): Promise<{ kill(): Promise<void> }> {
  const script = path.join(PACKAGE_ROOT, 'tests/doubles/queue/job-holder.mjs');
  const child = spawn(process.execPath, [script, kind, url, prefix, queue], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return {
    async kill() {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}
