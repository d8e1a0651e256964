import { HOUR_MS } from '../../../src/domain/time/duration.js';
import type { ConversationId } from '../../../src/domain/turn.js';
import type { MemoryStore } from '../../../src/ports/memory/memory-store.js';
import type { Clock } from '../../../src/ports/process/clock.js';
import type { Log } from '../../../src/ports/process/log.js';

/** What a process that died left is forgotten after this long, in ms: longer than any answer takes. */
const LEFT_FOR_MS = HOUR_MS;

/** Forgets what programs asked and were answered, as soon as they have it. */
export function leftPrompts(dependencies: {
  readonly memory: Pick<MemoryStore, 'clear' | 'clearGiven'>;
  readonly clock: Clock;
  readonly log: Log;
}) {
  const { memory, clock, log } = dependencies;
  let lookedAt = Number.NEGATIVE_INFINITY;
  const failed = (error: unknown) => log.warn({ err: error }, 'a given prompt was not forgotten yet');
  return {
    clear: (conversation: ConversationId) => memory.clear(conversation).then(() => {}, failed),
    /** Once an hour: what processes left that died while they answered. */
    clearNowAndThen(): void {
      if (clock.now() - lookedAt < LEFT_FOR_MS) return;
      lookedAt = clock.now();
      memory.clearGiven(LEFT_FOR_MS).catch(failed);
    },
  };
}
