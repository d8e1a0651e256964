import { describeBytes } from '../models/download/describe-bytes.js';
import type { DownloadProgress, OnProgress } from '../models/download/download-progress.js';
import type { Clock } from '../ports/process/clock.js';

/** A line this often where there is no terminal. */
const LINE_EVERY_MS = 5_000;

const VERBS = {
  waiting: 'another process gets',
  downloading: 'downloading',
  unpacking: 'unpacking',
  verifying: 'verifying',
} as const;

export interface ProgressReporter {
  /** Told of one model's progress. */
  forModel(alias: string): OnProgress;
  /** Takes the bar off the screen. May be called twice. */
  stop(): void;
}

/** The terminal that a bar is drawn on. */
export interface BarStream {
  /** Letters that fit a line. */
  readonly columns?: number;
  write(text: string): unknown;
}

/** Faster than this a bar only flickers. */
const DRAW_EVERY_MS = 100;
/** A rate measured over less than this promises nonsense. */
const MEASURE_MS = 2_000;
const BAR_WIDTH = 30;
/** Back to the start of the line, and empties it. */
const CLEAR_LINE = '\r\u001b[K';

/** A bar on a terminal. */
export function barReporter(stream: BarStream, clock: Clock): ProgressReporter {
  let drawn = false;
  const stop = () => {
    if (drawn) stream.write(CLEAR_LINE);
    drawn = false;
  };
  return {
    stop,
    forModel(alias) {
      let began: { readonly phase: string; readonly at: number; readonly bytes: number } | null = null;
      let nextAt = 0;
      return (progress) => {
        const now = clock.now();
        const { phase, bytes, totalBytes } = progress;
        if (began?.phase !== phase) {
          began = { phase, at: now, bytes };
          nextAt = 0;
        }
        if (now < nextAt && bytes !== totalBytes) return;
        nextAt = now + DRAW_EVERY_MS;
        const rate = now - began.at < MEASURE_MS ? 0 : (bytes - began.bytes) / (now - began.at);
        const words = describeProgress(alias, progress) + timeLeft(progress, rate);
        // A terminal that does not know its size says 0.
        const columns = stream.columns || 80;
        const width = Math.min(BAR_WIDTH, columns - words.length - 2);
        const bar = totalBytes === null || phase === 'waiting' ? '' : drawBar(bytes / totalBytes, width);
        stream.write(`${CLEAR_LINE}${`${bar}${words}`.slice(0, columns - 1)}`);
        drawn = true;
      };
    },
  };
}

/** @param done - 0 to 1 */
function drawBar(done: number, width: number): string {
  if (width < 5) return '';
  const full = Math.round(Math.min(1, done) * width);
  return `${'█'.repeat(full)}${'░'.repeat(width - full)} `;
}

/** @param rate - bytes per millisecond; 0 where it is not known */
function timeLeft({ bytes, totalBytes }: DownloadProgress, rate: number): string {
  if (totalBytes === null || rate <= 0) return '';
  const seconds = Math.ceil((totalBytes - bytes) / rate / 1000);
  return seconds < 100 ? `, ${seconds} s left` : `, ${Math.ceil(seconds / 60)} min left`;
}

/** A line every few seconds, for logs and pipes. */
export function lineReporter(write: (line: string) => void, clock: Clock): ProgressReporter {
  return {
    stop: () => {},
    forModel(alias) {
      let phase: DownloadProgress['phase'] | null = null;
      let nextAt = 0;
      return (progress) => {
        const now = clock.now();
        if (progress.phase === phase && now < nextAt) return;
        phase = progress.phase;
        nextAt = now + LINE_EVERY_MS;
        write(describeProgress(alias, progress));
      };
    },
  };
}

/** `downloading small: 34 MB of 98 MB (35 %)` */
function describeProgress(alias: string, { phase, bytes, totalBytes }: DownloadProgress): string {
  const verb = VERBS[phase];
  if (phase === 'waiting') return `${verb} ${alias}, waiting for it`;
  if (totalBytes === null) return `${verb} ${alias}: ${describeBytes(bytes)}`;
  const percent = Math.floor((bytes / Math.max(totalBytes, 1)) * 100);
  return `${verb} ${alias}: ${describeBytes(bytes)} of ${describeBytes(totalBytes)} (${percent} %)`;
}
