import { DAY_MS, HOUR_MS } from '../domain/duration.js';
import type { Clock } from '../ports/process/clock.js';
import type { Log } from '../ports/process/log.js';
import type { SettingsStore } from '../ports/settings/settings-store.js';
import { createRounds, type Sweeper } from './rounds.js';

const EVERY_MS = HOUR_MS;
/** A week: who set a conversation up and left it open finds it so after the weekend. */
const UNUSED_MS = 7 * DAY_MS;

/** Clears, once an hour, what was set for conversations on the web in which nobody ever asked. Any process may. */
export function createSettingsClearing(deps: {
  readonly settings: Pick<SettingsStore, 'clearUnused'>;
  readonly clock: Clock;
  readonly log: Log;
}): Sweeper {
  return createRounds({ ...deps, name: 'unused settings', everyMs: EVERY_MS }, () =>
    deps.settings.clearUnused(UNUSED_MS),
  );
}
