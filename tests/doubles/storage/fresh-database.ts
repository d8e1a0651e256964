import { randomUUID } from 'node:crypto';
import pg from 'pg';

/** How long sessions that say goodbye may take: `pool.end()` resolves before its sockets are closed. */
const GOODBYE_MS = 5_000;

/** A database of its own on a PostgreSQL server, for one test file. */
export interface FreshDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

export async function freshDatabase(serverUrl: string): Promise<FreshDatabase> {
  const name = `parley_test_${randomUUID().replaceAll('-', '')}`;
  await onServer(serverUrl, (client) => client.query(`CREATE DATABASE ${name}`));
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => onServer(serverUrl, (client) => dropDatabase(client, name)) };
}

/** Sessions on their way out are let go: one cut off by FORCE may have nobody left to hear its error. */
async function dropDatabase(client: pg.Client, name: string): Promise<void> {
  const deadline = Date.now() + GOODBYE_MS;
  while (Date.now() < deadline && (await sessionsOf(client, name)) > 0) {
    await client.query('SELECT pg_sleep(0.02)');
  }
  await client.query(`DROP DATABASE ${name} WITH (FORCE)`);
}

async function sessionsOf(client: pg.Client, name: string): Promise<number> {
  const { rows } = await client.query<{ sessions: number }>(
    `SELECT count(*)::int AS sessions FROM pg_stat_activity
     WHERE datname = $1 AND backend_type = 'client backend'`,
    [name],
  );
  return rows[0]?.sessions ?? 0;
}

async function onServer(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
