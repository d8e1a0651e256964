import type { Fleet } from '../fleet.js';
import type { Fault } from './fault.js';

/** Longer than a lease: another worker has taken over when the paused one goes on. */
const PAUSE_MS = [11_000, 16_000] as const;
const AWAY_MS = [0, 2_000] as const;

/** @param shared - other processes may take over what one of them held */
export function processFaults(fleet: Fleet, shared: boolean): Fault[] {
  return fleet.members.flatMap((member) => {
    // Answers are written by the others.
    const halts = member.command !== 'gateway';
    const faults: readonly Omit<Fault, 'halts'>[] = [
      {
        name: 'kill -9',
        weight: 6,
        strike: (random) => member.end('SIGKILL', random.between(...AWAY_MS)),
      },
      {
        name: 'stop and start',
        weight: 1,
        strike: (random) => member.end('SIGTERM', random.between(...AWAY_MS)),
      },
      {
        name: 'pause',
        weight: shared ? 1.5 : 0.5,
        strike: (random) => member.pause(random.between(...PAUSE_MS)),
      },
    ];
    return faults.map(({ name, weight, strike }) => ({
      name: `${name} ${member.name}`,
      halts,
      weight: weight / fleet.members.length,
      strike,
    }));
  });
}
