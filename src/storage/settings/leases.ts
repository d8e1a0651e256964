import type { Leases } from '../../ports/fleet/leases.js';
import { reaching } from '../database/database-failure.js';
import type { PrismaClient } from '../generated/client.js';

/** Leases as facts: one row for each name, by the database's clock. */
export class PrismaLeases implements Leases {
  readonly #prisma: PrismaClient;

  constructor(prisma: PrismaClient) {
    this.#prisma = prisma;
  }

  async take(name: string, owner: string, ms: number, note?: string): Promise<boolean> {
    const written = await reaching(
      this.#prisma.$executeRaw`
        INSERT INTO fact (key, value)
        VALUES (${keyOf(name)}, jsonb_build_object(
          'owner', ${owner}::text,
          'until', extract(epoch FROM clock_timestamp()) * 1000 + ${ms}::float8,
          'note', ${note ?? null}::text
        )::text)
        ON CONFLICT (key) DO UPDATE SET value = excluded.value
        WHERE fact.value::jsonb ->> 'owner' = ${owner}::text
          OR (fact.value::jsonb ->> 'until')::float8 <= extract(epoch FROM clock_timestamp()) * 1000`,
    );
    return written === 1;
  }

  async release(name: string, owner: string): Promise<void> {
    await reaching(
      this.#prisma.$executeRaw`
        DELETE FROM fact WHERE key = ${keyOf(name)} AND value::jsonb ->> 'owner' = ${owner}::text`,
    );
  }

  async note(name: string): Promise<string | null> {
    const rows = await reaching(
      this.#prisma.$queryRaw<{ note: string | null }[]>`
        SELECT value::jsonb ->> 'note' AS note FROM fact
        WHERE key = ${keyOf(name)}
          AND (value::jsonb ->> 'until')::float8 > extract(epoch FROM clock_timestamp()) * 1000`,
    );
    return rows[0]?.note ?? null;
  }

  async count(prefix: string): Promise<number> {
    const rows = await reaching(
      this.#prisma.$queryRaw<{ held: number }[]>`
        SELECT count(*)::int AS held FROM fact
        WHERE starts_with(key, ${keyOf(prefix)})
          AND (value::jsonb ->> 'until')::float8 > extract(epoch FROM clock_timestamp()) * 1000`,
    );
    return rows[0]?.held ?? 0;
  }
}

function keyOf(name: string): string {
  return `lease/${name}`;
}
