import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { compiledEntry } from '../../src/process/compiled-entry.js';

export interface WorkerProcesses {
  readonly pids: readonly number[];
  stop(): Promise<void>;
}

/** `parley worker`, as often as asked for. Resolves when each says that it runs. */
export async function startWorkers(
  count: number,
  folder: string,
  env: Readonly<Record<string, string>>,
): Promise<WorkerProcesses> {
  const children = Array.from({ length: count }, () =>
    spawn(process.execPath, [compiledEntry('src/main'), 'worker'], {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  );
  await Promise.all(children.map((child) => once(child.stdout, 'data')));
  return {
    pids: children.flatMap(({ pid }) => (pid === undefined ? [] : [pid])),
    stop: async () => {
      await Promise.all(children.map(end));
    },
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}
