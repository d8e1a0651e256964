import type { ConversationId, DeliveryTarget, PostedPart } from '../../domain/turn.js';
import type { WaitingTurn, WaitingTurns } from '../../ports/turns/waiting-turns.js';
import { reaching } from '../database/database-failure.js';
import type { PrismaClient } from '../generated/client.js';
import { type CredentialBoxes, openCredential } from './sealed-credentials.js';

interface WaitingRow {
  readonly id: number;
  readonly revision: number;
  readonly target: DeliveryTarget;
  readonly message_key: string;
  readonly text: string;
  readonly ahead: bigint;
}

export class PrismaWaitingTurns implements WaitingTurns {
  readonly #prisma: PrismaClient;
  readonly #boxes: CredentialBoxes;

  constructor(prisma: PrismaClient, boxes: CredentialBoxes) {
    this.#prisma = prisma;
    this.#boxes = boxes;
  }

  /** The first attempt at them, so that none is told twice. */
  async take(conversationId: ConversationId, limit: number): Promise<readonly WaitingTurn[]> {
    const rows = await reaching(
      this.#prisma.$queryRaw<WaitingRow[]>`
        WITH unfinished AS (
          SELECT id, row_number() OVER (ORDER BY id) - 1 AS ahead FROM turn
          WHERE conversation_id = ${conversationId} AND state IN ('pending', 'running')
        ), told AS (
          UPDATE turn SET attempt = 1
          FROM (SELECT unfinished.id, unfinished.ahead FROM unfinished JOIN turn USING (id)
                WHERE turn.state = 'pending' AND turn.attempt = 0 AND NOT turn.forgotten AND unfinished.ahead > 0
                ORDER BY unfinished.id LIMIT ${limit}) AS waiting
          WHERE turn.id = waiting.id AND turn.state = 'pending' AND turn.attempt = 0
          RETURNING turn.id, turn.revision, turn.target, turn.message_id, waiting.ahead
        )
        SELECT told.id, told.revision, told.target, told.ahead, message.key AS message_key, message.text
        FROM told JOIN message ON message.id = told.message_id
        ORDER BY told.id`,
    );
    return rows.map(({ message_key: key, ahead, target, ...row }) => ({
      ...row,
      target: openCredential(this.#boxes, target, key),
      ahead: Number(ahead),
    }));
  }

  async recordPart(turn: WaitingTurn, part: PostedPart): Promise<boolean> {
    const written = await reaching(
      this.#prisma.$executeRaw`
        INSERT INTO part (turn_id, index, platform, message_id)
        SELECT id, ${part.index}, ${turn.target.platform}, ${part.messageId} FROM turn
        WHERE id = ${turn.id} AND attempt = 1 AND state = 'pending'
        ON CONFLICT (turn_id, index) DO NOTHING`,
    );
    return written > 0;
  }
}
