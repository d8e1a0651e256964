import { describeBytes } from '../../models/download/describe-bytes.js';
import { type Check, type Finding, fail, ok, warn } from './finding.js';

export interface MachineFacts {
  /** `20.19.0` */
  readonly nodeVersion: string;
  /** Oldest that works. */
  readonly nodeFloor: string;
  /** What the machine or its container gives this process. */
  readonly cores: number;
  readonly memoryBytes: number;
  readonly diskFreeBytes: number;
}

/** Below this the embedded database and a model of 100 MB crowd each other. */
const LITTLE_MEMORY = 1.5e9;
/** Below this a database that grows and a model's caches soon fill the disk. */
const LITTLE_DISK = 1e9;

/** Node, memory, disk and threads, from facts read by the caller. */
export function machineChecks(
  facts: () => Promise<MachineFacts>,
  wantedThreads: readonly { readonly alias: string; readonly threads: number }[],
): readonly Check[] {
  const look = (name: string, judge: (machine: MachineFacts) => readonly Finding[]): Check => ({
    name,
    run: async () => judge(await facts()),
  });
  return [
    look('Node', judgeNode),
    look('Memory', ({ memoryBytes }) =>
      memoryBytes < LITTLE_MEMORY
        ? [
            warn(
              `${describeBytes(memoryBytes)} for this process`,
              'Give it 2 GB or more, or use hosted models.',
            ),
          ]
        : [ok(`${describeBytes(memoryBytes)} for this process`)],
    ),
    look('Disk', ({ diskFreeBytes }) =>
      diskFreeBytes < LITTLE_DISK
        ? [warn(`${describeBytes(diskFreeBytes)} free`, 'Free some, or set PARLEY_DATA_DIR to another disk.')]
        : [ok(`${describeBytes(diskFreeBytes)} free`)],
    ),
    look('Threads', ({ cores }) => judgeThreads(cores, wantedThreads)),
  ];
}

function judgeNode({ nodeVersion, nodeFloor }: MachineFacts): readonly Finding[] {
  const older = compareVersions(nodeVersion, nodeFloor) < 0;
  return older
    ? [fail(`${nodeVersion} is too old`, `Install Node ${nodeFloor} or newer.`)]
    : [ok(`${nodeVersion}`)];
}

function judgeThreads(
  cores: number,
  wanted: readonly { readonly alias: string; readonly threads: number }[],
): readonly Finding[] {
  const over = wanted.filter(({ threads }) => threads > cores);
  if (over.length === 0) return [ok(`${cores} ${cores === 1 ? 'core' : 'cores'} for this process`)];
  return over.map(({ alias, threads }) =>
    warn(
      `${alias} asks for ${threads} threads where there are ${cores} cores, which would make it slower by far`,
      `Set threads of ${alias} in parley.config.yaml to ${cores} at most, or leave it out.`,
    ),
  );
}

/** Negative where `one` is the older; numbers joined by dots, what follows a hyphen ignored. */
export function compareVersions(one: string, other: string): number {
  const parts = (version: string) => (version.split('-')[0] ?? '').split('.').map(Number);
  const [left, right] = [parts(one), parts(other)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
