import { SingleBar } from 'cli-progress';
import type { DownloadProgress, OnProgress } from '../models/download/download-progress.js';
import type { Clock } from '../ports/clock.js';

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

/** A bar on a terminal. */
export function barReporter(stream: NodeJS.WritableStream): ProgressReporter {
  let bar: SingleBar | null = null;
  const stop = () => {
    bar?.stop();
    bar = null;
  };
  return {
    stop,
    forModel(alias) {
      let phase: DownloadProgress['phase'] | null = null;
      return (progress) => {
        const megabytes = toMegabytes(progress.bytes);
        const total = toMegabytes(progress.totalBytes ?? progress.bytes);
        if (bar === null || phase !== progress.phase) {
          stop();
          phase = progress.phase;
          bar = new SingleBar({
            stream,
            format: `${VERBS[phase]} ${alias} {bar} {percentage}% of {total} MB, {eta_formatted} left`,
            barCompleteChar: '█',
            barIncompleteChar: '░',
            barsize: 30,
            hideCursor: true,
            clearOnComplete: true,
            gracefulExit: false,
          });
          bar.start(Math.max(total, 1), megabytes);
        }
        bar.setTotal(Math.max(total, 1));
        bar.update(megabytes);
      };
    },
  };
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

/** `downloading small: 34 of 98 MB (35 %)` */
function describeProgress(alias: string, { phase, bytes, totalBytes }: DownloadProgress): string {
  const verb = VERBS[phase];
  if (phase === 'waiting') return `${verb} ${alias}, waiting for it`;
  if (totalBytes === null) return `${verb} ${alias}: ${toMegabytes(bytes)} MB`;
  const percent = Math.floor((bytes / Math.max(totalBytes, 1)) * 100);
  return `${verb} ${alias}: ${toMegabytes(bytes)} of ${toMegabytes(totalBytes)} MB (${percent} %)`;
}

function toMegabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}
