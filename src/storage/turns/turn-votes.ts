import type { TurnId } from '../../domain/turn.js';
import type { TurnVotes } from '../../ports/turns/turn-votes.js';
import { reaching } from '../database/database-failure.js';
import { storable } from '../database/storable-text.js';
import type { PrismaClient } from '../generated/client.js';

export class PrismaTurnVotes implements TurnVotes {
  readonly #prisma: PrismaClient;

  constructor(prisma: PrismaClient) {
    this.#prisma = prisma;
  }

  /** Nothing is written for a turn that does not exist, or is forgotten: the id may come from a person. */
  async cast(turnId: TurnId, authorKey: string, vote: -1 | 0 | 1, comment?: string): Promise<void> {
    const id = { turnId, authorKey: storable(authorKey) };
    if (vote === 0) {
      await reaching(this.#prisma.vote.deleteMany({ where: id }));
      return;
    }
    const given = comment === undefined ? null : storable(comment);
    await reaching(
      this.#prisma.$executeRaw`
        INSERT INTO vote AS known (turn_id, author_key, vote, comment)
        SELECT id, ${id.authorKey}, ${vote}, nullif(${given}, '') FROM turn WHERE id = ${turnId} AND NOT forgotten
        ON CONFLICT (turn_id, author_key) DO UPDATE
        SET vote = EXCLUDED.vote,
            comment = CASE WHEN ${given}::text IS NULL AND known.vote = EXCLUDED.vote THEN known.comment
                           ELSE EXCLUDED.comment END`,
    );
  }
}
