import type { KeyValueStore } from '../../ports/settings/key-value-store.js';
import { reaching } from '../database/database-failure.js';
import type { PrismaClient } from '../generated/client.js';

export class PrismaKeyValueStore implements KeyValueStore {
  readonly #prisma: PrismaClient;

  constructor(prisma: PrismaClient) {
    this.#prisma = prisma;
  }

  async get(key: string): Promise<string | null> {
    return (await reaching(this.#prisma.fact.findUnique({ where: { key } })))?.value ?? null;
  }

  async set(key: string, value: string): Promise<void> {
    await reaching(this.#prisma.fact.upsert({ where: { key }, create: { key, value }, update: { value } }));
  }
}
