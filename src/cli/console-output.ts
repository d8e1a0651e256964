import type { BarStream } from './progress-reporter.js';

/** What a command reads of the process and writes to: the real one, or a test's. */
export interface ConsoleOutput {
  /** What was asked for: may be piped. */
  out(line: string): void;
  /** What a person should know besides. */
  err(line: string): void;
  /** Where a progress bar may be drawn; null where nobody watches. */
  readonly barStream: BarStream | null;
}

/** The process's own streams. */
export function processOutput(): ConsoleOutput {
  return {
    out: (line) => void process.stdout.write(`${line}\n`),
    err: (line) => void process.stderr.write(`${line}\n`),
    barStream: process.stderr.isTTY ? process.stderr : null,
  };
}
