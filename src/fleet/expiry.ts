import { DAY_MS, HOUR_MS, MINUTE_MS } from '../domain/time/duration.js';
import type { TurnId } from '../domain/turn.js';
import type { Clock } from '../ports/process/clock.js';
import type { Log } from '../ports/process/log.js';
import type { SettingsStore } from '../ports/settings/settings-store.js';
import type { TurnUpkeep } from '../ports/turns/turn-upkeep.js';
import { createRounds, type Sweeper } from './rounds.js';

/** A week: who set a conversation up and left it open finds it so after the weekend. */
const UNUSED_MS = 7 * DAY_MS;

/** Erases what platforms gave us to answer with once it works no more: a stolen database holds none of it. */
export function createCredentialEraser(deps: {
  readonly upkeep: Pick<TurnUpkeep, 'eraseCredentials'>;
  readonly clock: Clock;
  readonly log: Log;
}): Sweeper {
  let mark: TurnId = 0;
  return createRounds({ ...deps, name: 'credentials', everyMs: MINUTE_MS }, async () => {
    mark = await deps.upkeep.eraseCredentials(mark, new Date(deps.clock.now()));
  });
}

/** Clears, once an hour, what was set for conversations on the web in which nobody ever asked. Any process may. */
export function createSettingsClearing(deps: {
  readonly settings: Pick<SettingsStore, 'clearUnused'>;
  readonly clock: Clock;
  readonly log: Log;
}): Sweeper {
  return createRounds({ ...deps, name: 'unused settings', everyMs: HOUR_MS }, () =>
    deps.settings.clearUnused(UNUSED_MS),
  );
}
