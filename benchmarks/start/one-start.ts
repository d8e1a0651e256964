import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { timeOf } from '../load/processor-time.js';

export interface StartOptions {
  /** A checkout that was built. */
  readonly root: string;
  /** Where it runs: holds its configuration. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Starts it, ends it once it says that it runs. Times are those until then, in ms. */
export async function startToReady(options: StartOptions): Promise<{ wallMs: number; processorMs: number }> {
  const started = performance.now();
  const child = run(options, []);
  const ended = once(child, 'exit');
  const said = await Promise.race([once(child.stdout, 'data'), ended.then(() => null)]);
  const wallMs = performance.now() - started;
  if (said === null || child.pid === undefined) throw new Error(`${options.root} did not start`);
  const processorMs = await timeOf([child.pid]);
  child.kill('SIGTERM');
  await ended;
  return { wallMs, processorMs };
}

/** Starts it where it cannot run, and waits for its end. */
export async function startToRefusal(options: StartOptions): Promise<{ processorMs: number }> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'parley-bench-imports-'));
  try {
    const file = path.join(scratch, 'usage.json');
    const report = `import { writeFileSync } from 'node:fs';
      process.on('exit', () => writeFileSync(${JSON.stringify(file)}, JSON.stringify(process.cpuUsage())));`;
    const preload = `data:text/javascript,${encodeURIComponent(report)}`;
    const [code] = await once(run(options, ['--import', preload]), 'exit');
    if (code !== 1) throw new Error(`${options.root} should have refused to start, and ended with ${code}`);
    const { user, system } = JSON.parse(await readFile(file, 'utf8'));
    return { processorMs: (user + system) / 1_000 };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function run({ root, folder, env }: StartOptions, flags: readonly string[]) {
  return spawn(process.execPath, [...flags, path.join(root, 'dist/src/main.js'), 'start'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', flags.length === 0 ? 'inherit' : 'ignore'],
  });
}
