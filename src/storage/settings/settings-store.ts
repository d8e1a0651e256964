import type { ConversationSettings } from '../../domain/settings.js';
import type { SamplingChanges, SettingsChanges, SettingsStore } from '../../ports/settings/settings-store.js';
import { reaching } from '../database/database-failure.js';
import { storable, storableJson } from '../database/storable-text.js';
import { Prisma, type PrismaClient } from '../generated/client.js';
import { gatheredReads } from './gathered-reads.js';

interface SettingsRow {
  readonly key: string;
  readonly settings: ConversationSettings;
}

export class PrismaSettingsStore implements SettingsStore {
  readonly #prisma: PrismaClient;
  readonly #read = gatheredReads((keys) => this.#query(keys));

  constructor(prisma: PrismaClient) {
    this.#prisma = prisma;
  }

  async read(keys: readonly string[]): Promise<readonly ConversationSettings[]> {
    return (await this.#read(keys.map(storable))).map((settings) => settings ?? {});
  }

  /** The settings of all places but those on the web, by key, or null where more than `most` have any. */
  async all(most: number): Promise<ReadonlyMap<string, ConversationSettings> | null> {
    const rows = await reaching(
      this.#prisma.$queryRaw<
        SettingsRow[]
      >`SELECT key, settings FROM place_settings WHERE key NOT LIKE 'web/%' LIMIT ${most + 1}`,
    );
    return rows.length > most ? null : new Map(rows.map(({ key, settings }) => [key, settings]));
  }

  async #query(keys: readonly string[]): Promise<ReadonlyMap<string, ConversationSettings>> {
    const rows = await reaching(
      this.#prisma.$queryRaw<
        SettingsRow[]
      >`SELECT key, settings FROM place_settings WHERE key = ANY(${keys})`,
    );
    return new Map(rows.map(({ key, settings }) => [key, settings]));
  }

  /** One statement, so that two people changing different settings at once both have their way. */
  async change(
    key: string,
    changes: SettingsChanges,
    parameters?: SamplingChanges,
  ): Promise<ConversationSettings> {
    const json = storableJson(changes);
    const laidOver = parameters === undefined ? null : storableJson(parameters);
    const [row] = await reaching(
      this.#prisma.$queryRaw<SettingsRow[]>`
        INSERT INTO place_settings AS place (key, settings, updated_at)
        VALUES (${storable(key)}, ${changed(Prisma.sql`'{}'::jsonb`, json, laidOver)}, clock_timestamp())
        ON CONFLICT (key) DO UPDATE
          SET settings = ${changed(Prisma.sql`place.settings`, json, laidOver)}, updated_at = clock_timestamp()
        RETURNING key, settings`,
    );
    return row?.settings ?? {};
  }

  async clear(key: string): Promise<void> {
    await this.#clear(Prisma.sql`key = ${storable(key)}`);
  }

  async clearUnused(olderThanMs: number): Promise<void> {
    await this.#clear(Prisma.sql`
      key LIKE 'web/%' AND updated_at < clock_timestamp() - ${olderThanMs}::float8 * interval '1 millisecond'
      AND NOT EXISTS (SELECT 1 FROM conversation JOIN turn ON turn.conversation_id = conversation.id
                      WHERE conversation.key = place_settings.key AND turn.id > conversation.unlisted_to)`);
  }

  async #clear(those: Prisma.Sql): Promise<void> {
    await reaching(
      this.#prisma.$executeRaw`
        WITH limited AS (
          UPDATE place_settings SET settings = jsonb_build_object('limits', settings->'limits')
          WHERE jsonb_exists(settings, 'limits') AND ${those}
        )
        DELETE FROM place_settings WHERE NOT jsonb_exists(settings, 'limits') AND ${those}`,
    );
  }
}

function changed(settings: Prisma.Sql, changes: string, parameters: string | null): Prisma.Sql {
  if (parameters === null) return Prisma.sql`jsonb_strip_nulls(${settings} || ${changes}::jsonb)`;
  return Prisma.sql`jsonb_strip_nulls(${settings} || ${changes}::jsonb || jsonb_build_object(
    'sampling', coalesce(${settings}->'sampling', '{}'::jsonb) || ${parameters}::jsonb))`;
}
