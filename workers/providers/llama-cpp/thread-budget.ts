import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';

/**
 * Threads an engine may compute with. One core is left to JavaScript: ggml's threads spin while they wait for each
 * other, and one too many makes an engine hundreds of times slower.
 *
 * @param cores - cores this process may run on
 * @param quota - cores' worth of time the container may use, or null for no limit
 * @param wanted - as configured, or null for as many as there are
 */
export function threadBudget(cores: number, quota: number | null, wanted: number | null): number {
  const usable = Math.max(1, Math.floor(Math.min(cores, quota ?? cores)));
  const free = Math.max(1, usable - 1);
  return wanted === null ? free : Math.max(1, Math.min(wanted, usable));
}

/** This machine's numbers. */
export async function machineCores(): Promise<{ readonly cores: number; readonly quota: number | null }> {
  return { cores: availableParallelism(), quota: await cgroupQuota() };
}

/** Cores' worth of time that Linux control groups allow, version 2 or 1; null without a limit, and elsewhere. */
async function cgroupQuota(): Promise<number | null> {
  const read = (file: string) => readFile(file, 'utf8').catch(() => '');
  const limit = await read('/sys/fs/cgroup/cpu.max');
  if (limit !== '') return parseQuota(limit);
  const quota = await read('/sys/fs/cgroup/cpu/cpu.cfs_quota_us');
  return parseQuota(`${quota.trim()} ${await read('/sys/fs/cgroup/cpu/cpu.cfs_period_us')}`);
}

/** @param text - microseconds of quota and of period: `200000 100000`; `max` or -1 stands for no limit */
export function parseQuota(text: string): number | null {
  const [quota, period] = text.trim().split(/\s+/).map(Number);
  if (quota === undefined || period === undefined) return null;
  return quota > 0 && period > 0 ? quota / period : null;
}
