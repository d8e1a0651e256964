import type { TurnId } from '../../domain/turn.js';
import { storable } from '../database/storable-text.js';
import type { PrismaClient } from '../generated/client.js';

/** Nothing is written for a turn that does not exist, or is forgotten: the id may come from a person. */
export async function recordVote(
  prisma: PrismaClient,
  turnId: TurnId,
  authorKey: string,
  vote: -1 | 0 | 1,
  comment: string | undefined,
): Promise<void> {
  const id = { turnId, authorKey: storable(authorKey) };
  if (vote === 0) {
    await prisma.vote.deleteMany({ where: id });
    return;
  }
  const given = comment === undefined ? null : storable(comment);
  await prisma.$executeRaw`
    INSERT INTO vote AS known (turn_id, author_key, vote, comment)
    SELECT id, ${id.authorKey}, ${vote}, nullif(${given}, '') FROM turn WHERE id = ${turnId} AND NOT forgotten
    ON CONFLICT (turn_id, author_key) DO UPDATE
    SET vote = EXCLUDED.vote,
        comment = CASE WHEN ${given}::text IS NULL AND known.vote = EXCLUDED.vote THEN known.comment
                       ELSE EXCLUDED.comment END`;
}
