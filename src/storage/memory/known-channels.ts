import type { Platform } from '../../domain/address.js';
import type { KnownChannel, KnownChannels } from '../../ports/memory/known-channels.js';
import { reaching } from '../database/database-failure.js';
import type { PrismaClient } from '../generated/client.js';

/** Messages looked at for each channel asked for: the newest of a busy place hide no others but beyond this. */
const MESSAGES_PER_CHANNEL = 50;

export class PrismaKnownChannels implements KnownChannels {
  readonly #prisma: PrismaClient;

  constructor(prisma: PrismaClient) {
    this.#prisma = prisma;
  }

  async latest(platform: Platform, app: string, limit: number): Promise<readonly KnownChannel[]> {
    return reaching(
      this.#prisma.$queryRaw<KnownChannel[]>`
        SELECT place.workspace, place.channel,
          max(CASE WHEN m.platform_message_id ~ '^[0-9]{1,20}$' THEN m.platform_message_id::numeric END)::text
            AS "newestMessageId"
        FROM (
          SELECT id, platform_message_id FROM message
          WHERE platform = ${platform} ORDER BY id DESC LIMIT ${limit * MESSAGES_PER_CHANNEL}
        ) m
        JOIN turn ON turn.message_id = m.id
        JOIN conversation place ON place.id = turn.conversation_id
        WHERE place.app = ${app}
        GROUP BY place.workspace, place.channel
        ORDER BY max(m.id) DESC
        LIMIT ${limit}`,
    );
  }
}
