import type { GatewayGuildCreateDispatchData, GatewayMessageCreateDispatchData } from 'discord.js';
import type { KnownChannels } from '../../../src/ports/memory/known-channels.js';
import type { Clock } from '../../../src/ports/process/clock.js';
import type { Log } from '../../../src/ports/process/log.js';
import type { ChannelMessages } from '../delivery/channel-messages.js';
import type { ShardId } from '../gateway/checkpoint.js';
import type { Gap } from '../gateway/gap.js';
import { retryWait } from '../gateway/shard-connection.js';
import type { BotIdentity } from '../gateway/shard-memory.js';
import { snowflakeAt } from '../gateway/snowflake.js';
import { DiscordRefusal } from '../rest/sender.js';
import { heardOf } from './listed-channels.js';
import { MissedMessages, type ReadingLimits } from './missed-messages.js';
import { patiently } from './patience.js';

export interface CatchUpLimits extends ReadingLimits {
  /** Channels looked into, those spoken in last. */
  readonly channels: number;
  /** Channels looked into where nobody spoke to the bot before. */
  readonly otherChannels: number;
}

export interface CatchUpOptions {
  readonly known: KnownChannels;
  readonly limits: CatchUpLimits;
  readonly channel: ChannelMessages;
  /** Takes what was missed in a channel, oldest first. */
  readonly takeIn: (
    missed: readonly GatewayMessageCreateDispatchData[],
    bot: BotIdentity,
    recorded: string,
  ) => Promise<void>;
  /** Runs a task after those of the same channel that came before it. */
  readonly inTurn: (channelId: string, task: () => Promise<void>) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Discord's events come a little later than what they tell of was said. */
const MARGIN_MS = 60_000;
/** Channels read at once. */
const AT_ONCE = 4;

/** Whom a gap belongs to. */
export interface GapOwner {
  readonly bot: BotIdentity;
  readonly shard: ShardId;
  /** Aborts when this process no longer speaks for the shard. */
  readonly holding: AbortSignal;
}

interface Filling extends GapOwner {
  readonly gap: Gap;
  /** Resolves when it is known which channels to read, or the shard is another process's. */
  planning: Promise<void>;
  messages: MissedMessages;
  /** Channels that Discord did not give when they were last tried. */
  readonly failing: Map<string, unknown>;
  /** Ends the pause before the next try. */
  wake: () => void;
}

/**
 * Fetches what people said in the channels the bot takes part in while no session was there to tell of it. A channel
 * that Discord does not give is tried until it does, or refuses it for good. What is said there meanwhile is taken in
 * with what was missed, so that turns are recorded in the order people wrote.
 */
export class CatchUp {
  readonly #options: CatchUpOptions;
  readonly #fillings = new Map<Gap, Filling>();

  constructor(options: CatchUpOptions) {
    this.#options = options;
  }

  /** Fills a gap until it is closed. Called again it plans for what was added to it, and tries at once. Never throws. */
  fill(gap: Gap, owner: GapOwner): void {
    const known = this.#fillings.get(gap);
    if (known) {
      known.planning = known.planning.then(() => this.#plan(known));
      known.wake();
      return;
    }
    const filling: Filling = {
      ...owner,
      gap,
      planning: Promise.resolve(),
      messages: this.#reading(),
      failing: new Map(),
      wake: () => {},
    };
    filling.planning = this.#plan(filling);
    this.#fillings.set(gap, filling);
    void this.#run(filling);
  }

  /**
   * Looks into a server's other channels, as far as something was said there since then. May be called again.
   *
   * @param since - milliseconds since 1970
   * @throws {Error} where the shard is another process's before it is known which channels that are
   */
  async listed(
    guild: GatewayGuildCreateDispatchData,
    since: number,
    gap: Gap,
    owner: GapOwner,
  ): Promise<void> {
    const { limits, clock, log } = this.#options;
    await this.#fillings.get(gap)?.planning;
    if (gap.since !== null) throw new Error('the shard is another process’s');
    if (limits.withinMs === 0) return;
    try {
      const earliest = Math.max(since - MARGIN_MS, clock.now() - limits.withinMs);
      const channels = heardOf(guild, owner.bot.userId, earliest).filter(({ id }) => !gap.has(id));
      const room = Math.max(0, limits.otherChannels - gap.others);
      for (const { id, after } of channels.slice(0, room)) gap.add(id, guild.id, after);
      if (room > 0 && channels.length > 0) this.fill(gap, owner);
      if (channels.length > room)
        log.info(
          { channels: channels.length - room },
          'channels where the bot was not used are not looked into',
        );
    } catch (error) {
      log.error({ err: error }, 'a Discord server’s channels could not be looked for');
    }
  }

  /**
   * To be called before a message is taken in, in its channel's turn.
   *
   * @returns `read`: nothing that was said before it is missing; `left`: it is taken in later, with what was missed
   *   before it; `ended`: nobody will here, for the shard is another process's
   */
  async before(channelId: string, messageId: string, gap: Gap): Promise<'read' | 'left' | 'ended'> {
    const filling = this.#fillings.get(gap);
    await filling?.planning;
    if (gap.since !== null) return 'ended';
    while (filling && gap.channel(channelId) && !filling.failing.has(channelId) && !filling.holding.aborted)
      await this.#look(filling, channelId);
    if (!gap.channel(channelId)) return 'read';
    gap.hear(channelId, messageId);
    return 'left';
  }

  async #run(filling: Filling): Promise<void> {
    const { gap, holding } = filling;
    try {
      for (let failures = 0; ; failures++) {
        const { planning } = filling;
        await planning;
        const open = gap.channels.length;
        await this.#round(filling);
        filling.messages.report(this.#options.log);
        if (holding.aborted) return;
        if (filling.planning !== planning) continue;
        if (gap.closed) return;
        if (gap.channels.length < open) failures = 0;
        await this.#pause(filling, retryWait(failures));
      }
    } finally {
      this.#fillings.delete(gap);
    }
  }

  /** Tries each unread channel once. */
  async #round(filling: Filling): Promise<void> {
    const { gap, holding } = filling;
    const channelIds = gap.channels.values();
    const next = async (): Promise<void> => {
      for (const channelId of channelIds) {
        if (holding.aborted) return;
        await this.#options.inTurn(channelId, () => this.#look(filling, channelId)).catch(() => {});
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, next));
  }

  async #pause(filling: Filling, waitMs: number): Promise<void> {
    const { clock, log } = this.#options;
    const { failing, holding } = filling;
    const [err] = failing.values();
    log.warn(
      { channels: failing.size, waitMs, err },
      'what was said in Discord channels meanwhile is not to be had; trying again',
    );
    const woken = new AbortController();
    filling.wake = () => woken.abort();
    await clock.sleep(waitMs, AbortSignal.any([holding, woken.signal])).catch(() => {});
  }

  async #plan(filling: Filling): Promise<void> {
    const { known, limits, clock, log } = this.#options;
    const { gap, bot, shard, holding } = filling;
    const { since } = gap;
    if (since === null) return;
    if (limits.withinMs === 0) return gap.plan(new Map());
    const earliest = snowflakeAt(since - MARGIN_MS);
    const look = () => known.latest('discord', bot.applicationId, limits.channels);
    let failed: unknown = null;
    const channels = await patiently(look, Number.POSITIVE_INFINITY, clock, holding).catch(
      (error: unknown) => {
        failed = error;
        return [];
      },
    );
    if (holding.aborted) return;
    if (failed !== null)
      log.error({ err: failed }, 'what was said on Discord meanwhile could not be looked for');
    filling.messages = this.#reading();
    const mine = channels.filter(({ workspace }) => shardOf(workspace, shard.count) === shard.id);
    gap.plan(
      new Map(
        mine.map(({ channel, workspace, newestMessageId }) => {
          const recorded = newestMessageId ?? '0';
          // A channel's newest message may have been recorded before an older one was told of.
          return [channel, { workspace, after: since === 0 ? recorded : earliest, recorded }];
        }),
      ),
    );
  }

  /** Reads one channel, in its turn. Never throws. */
  async #look(filling: Filling, channelId: string): Promise<void> {
    const { log, takeIn } = this.#options;
    const { gap, bot, failing, holding, messages } = filling;
    const unread = gap.channel(channelId);
    if (!unread) return;
    try {
      const missed = await messages.in(channelId, unread, holding);
      if (missed.length > 0) await takeIn(missed, bot, unread.recorded);
    } catch (error) {
      if (holding.aborted) return;
      if (!isForGood(error)) {
        failing.set(channelId, error);
        return;
      }
      // Where the bot was removed there is nothing to answer.
      log.debug({ channelId, err: error }, 'a Discord channel was not read');
    }
    failing.delete(channelId);
    gap.read(channelId, unread);
  }

  #reading(): MissedMessages {
    return new MissedMessages(this.#options);
  }
}

function isForGood(error: unknown): boolean {
  return error instanceof DiscordRefusal && ['gone', 'forbidden', 'rejected'].includes(error.failure.reason);
}

/** Discord spreads servers over shards by their id; direct messages come to the first. */
function shardOf(workspace: string, count: number): number {
  return workspace === '-' ? 0 : Number((BigInt(workspace) >> 22n) % BigInt(count));
}
