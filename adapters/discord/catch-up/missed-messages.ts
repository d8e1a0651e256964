import type { APIMessage, GatewayMessageCreateDispatchData } from 'discord.js';
import type { Clock } from '../../../src/ports/process/clock.js';
import type { Log } from '../../../src/ports/process/log.js';
import type { ChannelMessages } from '../delivery/channel-messages.js';
import type { UnreadChannel } from '../gateway/gap.js';
import { laterId, snowflakeAt } from '../gateway/snowflake.js';

export interface ReadingLimits {
  /** What was said longer ago, in ms, is not looked for. */
  readonly withinMs: number;
  /** Messages read in one channel, the newest. */
  readonly perChannel: number;
  /** Messages read in all. */
  readonly messages: number;
}

export interface MissedMessagesOptions {
  readonly limits: ReadingLimits;
  readonly channel: ChannelMessages;
  readonly clock: Clock;
}

const PAGE = 100;
/** A look that fails is made again later: this only outlasts a full bucket and a short fault. */
const PATIENCE_MS = 5_000;

/** Reads what was missed, within limits that hold for all channels together. */
export class MissedMessages {
  readonly #options: MissedMessagesOptions;
  #read = 0;
  #toReport = { read: 0, left: 0, cut: 0 };

  constructor(options: MissedMessagesOptions) {
    this.#options = options;
  }

  /**
   * The newest messages of a channel after the last one handled, oldest first. Those that were heard count towards no
   * limit.
   *
   * @throws {DiscordRefusal} where Discord does not give them; they then count as not read
   */
  async in(
    channelId: string,
    { workspace, after, heard }: UnreadChannel,
    signal: AbortSignal,
  ): Promise<GatewayMessageCreateDispatchData[]> {
    const { channel, limits, clock } = this.#options;
    const last = BigInt(laterId(after, snowflakeAt(clock.now() - limits.withinMs)));
    const isHeard = (id: string) => heard !== null && BigInt(id) >= BigInt(heard);
    const found: APIMessage[] = [];
    let counted = 0;
    let mayHoldHeard = heard !== null;
    let skipped = false;
    try {
      for (let before: string | undefined; ; ) {
        const room = Math.max(0, Math.min(limits.perChannel - counted, limits.messages - this.#read));
        skipped = room === 0 && !mayHoldHeard;
        if (skipped) break;
        const size = mayHoldHeard ? PAGE : Math.min(room, PAGE);
        const page = await channel.latest(channelId, size, before, signal, PATIENCE_MS);
        const news = page.filter(({ id }) => isHeard(id) || BigInt(id) > last);
        const missed = news.filter(({ id }) => !isHeard(id));
        const taken = missed.slice(0, room);
        found.push(...news.filter(({ id }) => isHeard(id)), ...taken);
        counted += taken.length;
        this.#read += taken.length;
        skipped = taken.length < missed.length;
        if (skipped || news.length < page.length || page.length < size) break;
        mayHoldHeard &&= missed.length === 0;
        before = page.at(-1)?.id;
      }
    } catch (error) {
      this.#read -= counted;
      throw error;
    }
    this.#toReport.read += found.length;
    if (skipped && found.length === 0) this.#toReport.left += 1;
    else if (skipped) this.#toReport.cut += 1;
    const guild = workspace === '-' ? {} : { guild_id: workspace };
    return found.reverse().map((message) => ({ ...message, ...guild }));
  }

  /** Logs what came since the last report. */
  report(log: Log): void {
    const { read, left, cut } = this.#toReport;
    this.#toReport = { read: 0, left: 0, cut: 0 };
    if (read > 0) log.info({ messages: read }, 'looked for what was said on Discord meanwhile');
    if (left + cut > 0) {
      log.warn(
        { channelsNotRead: left, channelsReadInPart: cut },
        'more was said on Discord meanwhile than delivery.catchUp allows to read',
      );
    }
  }
}
