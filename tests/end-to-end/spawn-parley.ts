import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { compiledEntry } from '../../src/process/compiled-entry.js';

/** A command of Parley's that runs until it is ended. */
export interface SpawnedParley {
  /** Base address of what it serves over HTTP; empty where it serves nothing. */
  readonly url: string;
  /** All it has printed so far. */
  readonly output: string;
  /** Resolves once it has ended, however that came. */
  readonly ended: Promise<void>;
  /** Ends it, and resolves with its exit code: null where a signal took it. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

interface SpawnOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly preload?: string;
  readonly log?: number;
}

const RUNS = /^Parley.* runs\b/m;
const SERVES = /^ +(?:HTTP|health) +(http:\/\/[^/\s]+)/m;

/**
 * Starts `parley <command>` as a process of its own, and resolves when it says that it runs.
 *
 * @param cwd - folder of its configuration
 * @param preload - a module that is loaded before the program
 * @param log - file descriptor that takes its log; default: this process's standard error
 */
export async function spawnParley(
  command: string,
  { cwd, env, preload, log }: SpawnOptions,
): Promise<SpawnedParley> {
  const loadFirst = preload === undefined ? [] : ['--import', preload];
  const child = spawn(process.execPath, [...loadFirst, compiledEntry('src/main'), command], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', log ?? 'inherit'],
  });
  const ended = once(child, 'exit').then(() => {});
  let output = '';
  await new Promise<void>((resolve, reject) => {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (RUNS.test(output)) resolve();
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`parley ${command} ended with ${code}:\n${output}`)));
  });
  return {
    get url() {
      return SERVES.exec(output)?.[1] ?? '';
    },
    get output() {
      return output;
    },
    ended,
    end: (signal) => end(child, signal),
  };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill(signal);
    await once(child, 'exit');
  }
  return child.exitCode;
}
