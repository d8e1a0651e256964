import type { TurnId } from '../domain/turn.js';
import type { Clock } from '../ports/process/clock.js';
import type { Log } from '../ports/process/log.js';
import type { TurnUpkeep } from '../ports/turns/turn-upkeep.js';
import { createRounds, type Sweeper } from './rounds.js';

const EVERY_MS = 60_000;

/** Erases what platforms gave us to answer with once it works no more: a stolen database holds none of it. */
export function createCredentialEraser(deps: {
  readonly upkeep: Pick<TurnUpkeep, 'eraseCredentials'>;
  readonly clock: Clock;
  readonly log: Log;
}): Sweeper {
  let mark: TurnId = 0;
  return createRounds({ ...deps, name: 'credentials', everyMs: EVERY_MS }, async () => {
    mark = await deps.upkeep.eraseCredentials(mark, new Date(deps.clock.now()));
  });
}
