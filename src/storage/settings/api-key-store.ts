import { createHash, randomBytes } from 'node:crypto';
import type { ApiKeyId, ApiKeyLimits } from '../../domain/api-key.js';
import {
  type ApiKeyStore,
  LISTED_API_KEYS,
  type ListedApiKey,
  MOST_API_KEYS,
} from '../../ports/settings/api-keys.js';
import { reaching } from '../database/database-failure.js';
import { storable } from '../database/storable-text.js';
import { Prisma, type PrismaClient } from '../generated/client.js';

interface KeyRow {
  readonly id: ApiKeyId;
  readonly name: string;
  readonly shown: string;
  readonly turns_per_minute: number | null;
  readonly tokens_per_day: number | null;
  readonly created_at: Date;
  readonly last_used_at: Date | null;
  readonly revoked_at: Date | null;
}

/** Of the 43 characters after `pk_`: 24 bits, which help nobody to guess the other 232. */
const SHOWN = 4;

const COLUMNS = Prisma.sql`id, name, shown, turns_per_minute, tokens_per_day, created_at, last_used_at, revoked_at`;

/**
 * Keys, by their SHA-256. A slow hash, as passwords need, would make no key safer: nobody can go through 256 random
 * bits, at any speed, and every request would pay for it.
 */
export class PrismaApiKeyStore implements ApiKeyStore {
  readonly #prisma: PrismaClient;

  constructor(prisma: PrismaClient) {
    this.#prisma = prisma;
  }

  async find(key: string): Promise<{ readonly id: ApiKeyId } | null> {
    const digest = digestOf(key);
    const [row] = await reaching(
      this.#prisma.$queryRaw<{ id: ApiKeyId }[]>`
        WITH used AS (
          UPDATE api_key SET last_used_at = now()
          WHERE digest = ${digest} AND revoked_at IS NULL
            AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')
        )
        SELECT id FROM api_key WHERE digest = ${digest} AND revoked_at IS NULL`,
    );
    return row ?? null;
  }

  async list(): Promise<readonly ListedApiKey[]> {
    const rows = await reaching(
      this.#prisma.$queryRaw<KeyRow[]>`
        SELECT ${COLUMNS} FROM api_key ORDER BY revoked_at IS NOT NULL, id DESC LIMIT ${LISTED_API_KEYS}`,
    );
    return rows.map(listedKey);
  }

  async make(name: string, limits: ApiKeyLimits): Promise<{ key: string; made: ListedApiKey } | null> {
    const key = `pk_${randomBytes(32).toString('base64url')}`;
    const shown = `${key.slice(0, 'pk_'.length + SHOWN)}…`;
    const [row] = await reaching(
      this.#prisma.$queryRaw<KeyRow[]>`
        INSERT INTO api_key (name, digest, shown, turns_per_minute, tokens_per_day)
        SELECT ${storable(name)}, ${digestOf(key)}, ${shown}, ${limits.turnsPerMinute}::int, ${limits.tokensPerDay}::int
        WHERE (SELECT count(*) FROM api_key WHERE revoked_at IS NULL) < ${MOST_API_KEYS}
        RETURNING ${COLUMNS}`,
    );
    return row ? { key, made: listedKey(row) } : null;
  }

  async change(
    id: ApiKeyId,
    { name, limits }: { readonly name?: string; readonly limits?: Partial<ApiKeyLimits> },
  ): Promise<ListedApiKey | null> {
    const { turnsPerMinute, tokensPerDay } = limits ?? {};
    const sets = [
      ...(name === undefined ? [] : [Prisma.sql`name = ${storable(name)}`]),
      ...(turnsPerMinute === undefined ? [] : [Prisma.sql`turns_per_minute = ${turnsPerMinute}::int`]),
      ...(tokensPerDay === undefined ? [] : [Prisma.sql`tokens_per_day = ${tokensPerDay}::int`]),
    ];
    const [row] = await reaching(
      this.#prisma.$queryRaw<KeyRow[]>`
        UPDATE api_key SET ${sets.length === 0 ? Prisma.sql`name = name` : Prisma.join(sets)}
        WHERE id = ${id} AND revoked_at IS NULL
        RETURNING ${COLUMNS}`,
    );
    return row ? listedKey(row) : null;
  }

  async revoke(id: ApiKeyId): Promise<ListedApiKey | null> {
    const [row] = await reaching(
      this.#prisma.$queryRaw<KeyRow[]>`
        UPDATE api_key SET revoked_at = coalesce(revoked_at, now()) WHERE id = ${id} RETURNING ${COLUMNS}`,
    );
    return row ? listedKey(row) : null;
  }
}

function digestOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

function listedKey(row: KeyRow): ListedApiKey {
  return {
    id: row.id,
    name: row.name,
    shown: row.shown,
    limits: { turnsPerMinute: row.turns_per_minute, tokensPerDay: row.tokens_per_day },
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    revokedAt: row.revoked_at,
  };
}
