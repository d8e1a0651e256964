import type { SessionInfo } from '@discordjs/ws';
import type { Clock } from '../../../src/ports/process/clock.js';
import type { Log } from '../../../src/ports/process/log.js';
import type { Checkpoint, CheckpointStore, ShardId } from './checkpoint.js';
import { EventProgress } from './event-progress.js';
import { Gap } from './gap.js';

/** Who the bot is on Discord. */
export interface BotIdentity {
  readonly userId: string;
  readonly applicationId: string;
}

/** A session is stored this often while events come: so many may be handed in twice after a crash. */
const SAVE_EVERY_MS = 5_000;
/** And this often while none come. */
const SAVE_QUIET_MS = 30_000;

/** What a shard's connection knows of its session and of what it handled, over reconnects and, stored, over processes. */
export class ShardMemory {
  /** The library's: its sequence is that of the newest event, handled or not. */
  session: SessionInfo | null;
  bot: BotIdentity | null;
  readonly progress: EventProgress;
  readonly gap: Gap;
  readonly #store: CheckpointStore;
  #saved: Checkpoint | null;
  #savedAt = Number.NEGATIVE_INFINITY;

  private constructor(store: CheckpointStore, { id, count }: ShardId, found: Checkpoint | null) {
    this.#store = store;
    this.#saved = found;
    this.bot = found?.bot ?? null;
    this.progress = new EventProgress(found?.handledUntil ?? 0);
    this.gap = new Gap(found);
    const session = found?.session ?? null;
    this.progress.begin(session?.sequence ?? 0);
    this.session = session && {
      sessionId: session.sessionId,
      resumeURL: session.resumeUrl,
      sequence: session.sequence,
      shardId: id,
      shardCount: count,
    };
  }

  /** @throws where the store is out of reach */
  static async open(store: CheckpointStore, shard: ShardId): Promise<ShardMemory> {
    return new ShardMemory(store, shard, await store.read());
  }

  /** Saves now and then until `signal` aborts. Never throws. */
  async keepSaved(clock: Clock, log: Log, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.save(clock.now()).catch((error: unknown) =>
        log.warn({ err: error }, 'how far Discord’s events were handled could not be stored'),
      );
      await clock.sleep(SAVE_EVERY_MS, signal).catch(() => {});
    }
  }

  /** @param now - null: whatever was saved how long ago */
  async save(now: number | null): Promise<void> {
    const checkpoint = this.#checkpoint();
    if (checkpoint === null) return;
    const { handledUntil: _before, ...saved } = this.#saved ?? {};
    const { handledUntil: _now, ...current } = checkpoint;
    const quiet = JSON.stringify(saved) === JSON.stringify(current);
    if (quiet && now !== null && now - this.#savedAt < SAVE_QUIET_MS) return;
    await this.#store.write(checkpoint);
    this.#saved = checkpoint;
    this.#savedAt = now ?? this.#savedAt;
  }

  #checkpoint(): Checkpoint | null {
    if (this.bot === null) return null;
    const { sequence, until } = this.progress.handled;
    const session = this.session && {
      sessionId: this.session.sessionId,
      resumeUrl: this.session.resumeURL,
      sequence,
    };
    return { bot: this.bot, session, handledUntil: until, ...this.gap.stored };
  }
}
