import { addressKey } from '../../domain/address.js';
import type { FailureKind } from '../../domain/failure.js';
import type { TurnId } from '../../domain/turn.js';
import type { ListedState, ListedTurn, ListedTurns, TurnListing } from '../../ports/turns/turn-listing.js';
import { reaching } from '../database/database-failure.js';
import { addressOf, type PlaceRow } from '../database/place-row.js';
import { Prisma, type PrismaClient } from '../generated/client.js';

/** Written out, as the partial indexes are: a plan kept for any state would read every turn. */
const IN_STATE: Readonly<Record<ListedState, Prisma.Sql>> = {
  pending: Prisma.sql`turn.state IN ('pending', 'running') AND turn.state = 'pending'`,
  running: Prisma.sql`turn.state IN ('pending', 'running') AND turn.state = 'running'`,
  failed: Prisma.sql`turn.state = 'failed' AND NOT turn.forgotten`,
};

interface ListedRow extends PlaceRow {
  readonly id: TurnId;
  readonly author_key: string;
  readonly author_name: string;
  readonly asked_model: string | null;
  readonly attempt: number;
  readonly failure_kind: string | null;
  readonly notice: string | null;
  readonly text: string | null;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
}

export class PrismaTurnListing implements TurnListing {
  readonly #prisma: PrismaClient;

  constructor(prisma: PrismaClient) {
    this.#prisma = prisma;
  }

  async page(
    state: ListedState,
    {
      before,
      limit,
      withText,
    }: { readonly before?: TurnId; readonly limit: number; readonly withText: boolean },
  ): Promise<ListedTurns> {
    const older = before === undefined ? Prisma.empty : Prisma.sql`AND turn.id < ${before}`;
    const text = withText ? Prisma.sql`message.text` : Prisma.sql`NULL`;
    const rows = await reaching(
      this.#prisma.$queryRaw<ListedRow[]>`
        SELECT turn.id, place.platform, place.app, place.workspace, place.channel, place.thread, place.parent,
               place.kind, turn.author_key, message.author_name, turn.asked_model, turn.attempt, turn.failure_kind, turn.notice,
               ${text} AS text, turn.created_at, turn.started_at, turn.finished_at
        FROM turn
        JOIN message ON message.id = turn.message_id
        JOIN conversation AS place ON place.id = turn.conversation_id
        WHERE ${IN_STATE[state]} ${older}
        ORDER BY turn.id DESC LIMIT ${limit + 1}`,
    );
    const turns = rows.slice(0, limit).map((row) => listedTurn(row, state));
    return { turns, earlier: rows.length > limit ? (turns.at(-1)?.id ?? null) : null };
  }

  async counts(): Promise<Readonly<Record<ListedState, number>>> {
    const [row] = await reaching(
      this.#prisma.$queryRaw<Record<ListedState, bigint>[]>`
        SELECT (SELECT count(*) FROM turn WHERE ${IN_STATE.pending}) AS pending,
               (SELECT count(*) FROM turn WHERE ${IN_STATE.running}) AS running,
               (SELECT count(*) FROM turn WHERE ${IN_STATE.failed}) AS failed`,
    );
    const { pending = 0n, running = 0n, failed = 0n } = row ?? {};
    return { pending: Number(pending), running: Number(running), failed: Number(failed) };
  }
}

function listedTurn(row: ListedRow, state: ListedState): ListedTurn {
  return {
    id: row.id,
    state,
    place: addressKey(addressOf(row)),
    author: { key: row.author_key, name: row.author_name },
    askedModel: row.asked_model,
    attempt: row.attempt,
    failure:
      state === 'failed'
        ? { kind: (row.failure_kind ?? 'bug') as FailureKind | 'bug', notice: row.notice ?? '' }
        : null,
    text: row.text,
    acceptedAt: row.created_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
  };
}
