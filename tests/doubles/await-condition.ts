import { setTimeout as delay } from 'node:timers/promises';

/** Looks until `holds` is true. For what no event announces; a test that waits here fails by its own time limit. */
export async function awaitCondition(holds: () => boolean | Promise<boolean>, everyMs = 10): Promise<void> {
  while (!(await holds())) await delay(everyMs);
}
