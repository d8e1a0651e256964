import type { ConversationSettings } from '../domain/settings.js';
import type { SettingsStore } from '../ports/settings-store.js';
import { reaching } from './database-failure.js';
import type { PrismaClient } from './generated/client.js';
import { storable, storableJson } from './storable-text.js';

interface SettingsRow {
  readonly settings: ConversationSettings;
}

export class PrismaSettingsStore implements SettingsStore {
  readonly #prisma: PrismaClient;

  constructor(prisma: PrismaClient) {
    this.#prisma = prisma;
  }

  async read(keys: readonly string[]): Promise<readonly ConversationSettings[]> {
    const rows = await reaching(
      this.#prisma.placeSettings.findMany({ where: { key: { in: keys.map(storable) } } }),
    );
    const byKey = new Map(rows.map(({ key, settings }) => [key, settings as ConversationSettings]));
    return keys.map((key) => byKey.get(storable(key)) ?? {});
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
        RETURNING settings`,
    );
    return row?.settings ?? {};
  }
}
