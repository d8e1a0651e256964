import type { ConversationSettings } from '../domain/settings.js';
import type { SettingsStore } from '../ports/settings-store.js';
import { reaching } from './database-failure.js';
import { gatheredReads } from './gathered-reads.js';
import type { PrismaClient } from './generated/client.js';
import { storable, storableJson } from './storable-text.js';

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

  /** The settings of all places, by key, or null where more than `most` places have any. */
  async all(most: number): Promise<ReadonlyMap<string, ConversationSettings> | null> {
    const rows = await reaching(
      this.#prisma.$queryRaw<SettingsRow[]>`SELECT key, settings FROM place_settings LIMIT ${most + 1}`,
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
  async change(key: string, changes: Parameters<SettingsStore['change']>[1]): Promise<ConversationSettings> {
    const json = storableJson(changes);
    const [row] = await reaching(
      this.#prisma.$queryRaw<SettingsRow[]>`
        INSERT INTO place_settings AS place (key, settings, updated_at)
        VALUES (${storable(key)}, jsonb_strip_nulls(${json}::jsonb), clock_timestamp())
        ON CONFLICT (key) DO UPDATE
          SET settings = jsonb_strip_nulls(place.settings || ${json}::jsonb), updated_at = clock_timestamp()
        RETURNING key, settings`,
    );
    return row?.settings ?? {};
  }
}
