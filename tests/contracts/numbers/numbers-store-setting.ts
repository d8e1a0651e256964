import { afterAll, beforeAll } from 'vitest';
import type { Database } from '../../../src/storage/database/database.js';
import { PrismaNumbersStore } from '../../../src/storage/numbers/numbers-store.js';

/** For the tests of a `describe`: a database of its own, since the roll-up is of all turns. */
export function withNumbers(open: () => Promise<Database>) {
  let database: Database;
  let numbers: PrismaNumbersStore;
  beforeAll(async () => {
    database = await open();
    numbers = new PrismaNumbersStore(database.prisma);
  });
  afterAll(() => database?.stop());
  return {
    get database() {
      return database;
    },
    get numbers() {
      return numbers;
    },
    async rollUpAll(): Promise<string[]> {
      const done: string[] = [];
      for (let due = await numbers.due(); due.length > 0; due = await numbers.due()) {
        for (const day of due) await numbers.rollUp(day);
        done.push(...due);
      }
      return done;
    },
  };
}

/** `2026-11-21`, so many days before today. */
export const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
