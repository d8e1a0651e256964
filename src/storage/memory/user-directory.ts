import type { ListedUsers, UserDirectory } from '../../ports/memory/user-directory.js';
import { reaching } from '../database/database-failure.js';
import { likeAnywhere, storable } from '../database/storable-text.js';
import { Prisma, type PrismaClient } from '../generated/client.js';

interface UserRow {
  readonly author_key: string;
  readonly author_name: string;
  readonly created_at: Date;
}

export class PrismaUserDirectory implements UserDirectory {
  readonly #prisma: PrismaClient;

  constructor(prisma: PrismaClient) {
    this.#prisma = prisma;
  }

  /** Steps from one author to the next by the index on author and time: a million turns of few people cost little. */
  async page({ search, after, limit }: Parameters<UserDirectory['page']>[0]): Promise<ListedUsers> {
    const pattern = search === undefined ? null : likeAnywhere(search);
    const matching =
      pattern === null
        ? Prisma.empty
        : Prisma.sql`AND (authors.author_key ILIKE ${pattern} OR latest.author_name ILIKE ${pattern})`;
    const rows = await reaching(
      this.#prisma.$queryRaw<UserRow[]>`
        WITH RECURSIVE authors AS (
          (SELECT author_key FROM turn WHERE author_key > ${storable(after ?? '')} ORDER BY author_key LIMIT 1)
          UNION ALL
          SELECT (SELECT turn.author_key FROM turn WHERE turn.author_key > authors.author_key
                  ORDER BY turn.author_key LIMIT 1)
          FROM authors WHERE authors.author_key IS NOT NULL
        )
        SELECT authors.author_key, latest.author_name, latest.created_at
        FROM authors
        CROSS JOIN LATERAL (
          SELECT message.author_name, turn.created_at
          FROM turn JOIN message ON message.id = turn.message_id
          WHERE turn.author_key = authors.author_key
          ORDER BY turn.created_at DESC LIMIT 1
        ) AS latest
        WHERE authors.author_key IS NOT NULL ${matching}
        LIMIT ${limit + 1}`,
    );
    const users = rows
      .slice(0, limit)
      .map((row) => ({ key: row.author_key, name: row.author_name, lastAskedAt: row.created_at }));
    return { users, next: rows.length > limit ? (users.at(-1)?.key ?? null) : null };
  }
}
