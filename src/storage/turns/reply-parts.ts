import type { ClaimedTurn, PostedPart } from '../../domain/turn.js';
import type { PrismaClient } from '../generated/client.js';

/** @returns rows written; 0 where the attempt holds the turn no more */
export function recordPart(prisma: PrismaClient, turn: ClaimedTurn, part: PostedPart): Promise<number> {
  const { platform } = turn.target;
  return prisma.$executeRaw`
    INSERT INTO part (turn_id, index, platform, message_id)
    SELECT id, ${part.index}, ${platform}, ${part.messageId} FROM turn
    WHERE id = ${turn.id} AND attempt = ${turn.attempt} AND state = 'running'
    ON CONFLICT (turn_id, index) DO UPDATE SET message_id = EXCLUDED.message_id`;
}

export function removePart(prisma: PrismaClient, turn: ClaimedTurn, index: number): Promise<number> {
  return prisma.$executeRaw`
    DELETE FROM part USING turn
    WHERE part.turn_id = ${turn.id} AND part.index = ${index}
      AND turn.id = part.turn_id AND turn.attempt = ${turn.attempt} AND turn.state = 'running'`;
}
