import { type Address, addressKey, readAddressKey } from '../../domain/address.js';
import type { TurnId } from '../../domain/turn.js';
import type { ListedPlace, ListedPlaces, PlaceDirectory } from '../../ports/memory/place-directory.js';
import { reaching } from '../database/database-failure.js';
import { addressOf, atPlace, type PlaceRow } from '../database/place-row.js';
import { likeAnywhere } from '../database/storable-text.js';
import { Prisma, type PrismaClient } from '../generated/client.js';

interface ListedRow extends PlaceRow {
  readonly id: number;
  readonly created_at: Date;
}

export class PrismaPlaceDirectory implements PlaceDirectory {
  readonly #prisma: PrismaClient;

  constructor(prisma: PrismaClient) {
    this.#prisma = prisma;
  }

  /** A place may have a conversation for each of its users: its oldest stands for it. */
  async page(options: Parameters<PlaceDirectory['page']>[0]): Promise<ListedPlaces> {
    const { platform, search, before, limit } = options;
    const pattern = search === undefined ? null : likeAnywhere(search);
    const conditions = [
      ...(platform === undefined ? [] : [Prisma.sql`AND place.platform = ${platform}`]),
      ...(before === undefined ? [] : [Prisma.sql`AND place.id < ${before}`]),
      ...(pattern === null
        ? []
        : [
            Prisma.sql`AND (place.channel ILIKE ${pattern} OR place.workspace ILIKE ${pattern}
                            OR place.thread ILIKE ${pattern})`,
          ]),
    ];
    const rows = await reaching(
      this.#prisma.$queryRaw<ListedRow[]>`
        SELECT place.id, place.platform, place.app, place.workspace, place.channel, place.thread, place.parent,
               place.kind, place.created_at
        FROM conversation AS place
        WHERE place.kind <> 'call' AND NOT EXISTS (
          SELECT 1 FROM conversation AS older
          WHERE older.platform = place.platform AND older.channel = place.channel
            AND older.thread IS NOT DISTINCT FROM place.thread
            AND older.app = place.app AND older.workspace = place.workspace AND older.id < place.id
        ) ${conditions.length === 0 ? Prisma.empty : Prisma.join(conditions, ' ')}
        ORDER BY place.id DESC LIMIT ${limit + 1}`,
    );
    const page = rows.slice(0, limit);
    const places = page.map((row) => {
      const address = addressOf(row);
      return { key: addressKey(address), address, firstUsedAt: row.created_at };
    });
    return { places, earlier: rows.length > limit ? (page.at(-1)?.id ?? null) : null };
  }

  async find(key: string): Promise<ListedPlace | null> {
    const named = readAddressKey(key);
    if (named === null) return null;
    const row = await reaching(
      this.#prisma.conversation.findFirst({
        where: { ...atPlace(named), kind: { not: 'call' } },
        orderBy: { id: 'asc' },
      }),
    );
    return row && { key, address: addressOf(row as PlaceRow), firstUsedAt: row.createdAt };
  }

  async ofTurn(turnId: TurnId): Promise<Address | null> {
    const turn = await reaching(
      this.#prisma.turn.findUnique({ where: { id: turnId }, select: { conversation: true } }),
    );
    return turn === null ? null : addressOf(turn.conversation as PlaceRow);
  }
}
