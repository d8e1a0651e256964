import pg from 'pg';
import { TcpProxy } from '../doubles/servers/tcp-proxy.js';
import { type FreshDatabase, freshDatabase } from '../doubles/storage/fresh-database.js';
import { OwnRedis } from './own-redis.js';

/** PostgreSQL and Redis as the processes reach them: through proxies that take the network away. */
export class Servers {
  readonly redis: OwnRedis;
  readonly redisNetwork: TcpProxy;
  readonly databaseNetwork: TcpProxy;
  readonly #database: FreshDatabase;

  private constructor(parts: {
    redis: OwnRedis;
    redisNetwork: TcpProxy;
    database: FreshDatabase;
    databaseNetwork: TcpProxy;
  }) {
    this.redis = parts.redis;
    this.redisNetwork = parts.redisNetwork;
    this.#database = parts.database;
    this.databaseNetwork = parts.databaseNetwork;
  }

  /**
   * @param folder - for Redis's file
   * @param databaseServer - a PostgreSQL server on which a database may be made
   */
  static async start(folder: string, databaseServer: string): Promise<Servers> {
    const redis = await OwnRedis.start(folder);
    const redisNetwork = await TcpProxy.open('127.0.0.1', redis.port);
    const database = await freshDatabase(databaseServer);
    const { hostname, port } = new URL(database.url);
    const databaseNetwork = await TcpProxy.open(hostname, Number(port || 5432));
    return new Servers({ redis, redisNetwork, database, databaseNetwork });
  }

  /** For the processes. */
  get env(): Readonly<Record<string, string>> {
    const database = new URL(this.#database.url);
    database.host = `127.0.0.1:${this.databaseNetwork.port}`;
    return { DATABASE_URL: database.href, REDIS_URL: `redis://127.0.0.1:${this.redisNetwork.port}` };
  }

  /** Past the proxy. */
  get databaseUrl(): string {
    return this.#database.url;
  }

  /** Ends every connection to the database from its side, as a restart of the server does. */
  async dropSessions(): Promise<void> {
    await this.#query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
  }

  async unfinishedTurns(): Promise<number> {
    const rows = await this.#query("SELECT id FROM turn WHERE state IN ('pending', 'running')");
    return rows.length;
  }

  async heal(): Promise<void> {
    await this.redis.start();
    await this.redisNetwork.restore();
    await this.databaseNetwork.restore();
  }

  async stop(): Promise<void> {
    await Promise.all([this.redisNetwork.cut(), this.databaseNetwork.cut()]);
    await this.redis.kill();
    await this.#database.drop();
  }

  async #query(sql: string): Promise<readonly unknown[]> {
    const client = new pg.Client({ connectionString: this.#database.url });
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  }
}
