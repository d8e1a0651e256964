import { cpus, loadavg, totalmem, type } from 'node:os';

/** How busy the machine was is said beside each figure: absolute ones depend on it. */
export function circumstances(): string {
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${type()}, Node ${process.version}`;
  const [minute = 0] = loadavg();
  return `${new Date().toISOString().slice(0, 10)}, ${machine}; ${minute.toFixed(1)} processes wanted a processor, on average of the last minute.`;
}
