// What separates prisma/migrations from prisma/schema.prisma, offline: Prisma's schema engine as WebAssembly, with
// throw-away in-memory PGlites for its database. The engine's native build would have to be downloaded.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import { PrismaPGlite } from 'pglite-prisma-adapter';

const ROOT = path.dirname(import.meta.dirname);
const SCHEMA = path.join(ROOT, 'prisma', 'schema.prisma');

export const MIGRATIONS = path.join(ROOT, 'prisma', 'migrations');
export const LOCK_FILE = 'migration_lock.toml';
export const LOCK_FILE_TEXT =
  '# Read by Prisma: which database the migrations are for.\nprovider = "postgresql"\n';

/** SQL that brings the migrations' tables to the schema's; null where they agree. */
export async function schemaDiff() {
  const engineModule = await loadEngine();
  const scratch = new ScratchDatabases();
  const schema = readFileSync(SCHEMA, 'utf8');
  const engine = await engineModule.SchemaEngine.new(
    { datamodels: [['schema.prisma', schema]] },
    () => {},
    bindMigrationAwareSqlAdapterFactory(scratch),
  );
  try {
    const { stdout, exitCode } = await engine.diff({
      from: { tag: 'migrations', ...readMigrations() },
      to: { tag: 'schemaDatamodel', files: [{ path: 'schema.prisma', content: schema }] },
      script: true,
      exitCode: true,
      shadowDatabaseUrl: null,
      filters: { externalTables: [], externalEnums: [] },
    });
    return exitCode === 0 ? null : stdout;
  } finally {
    engine.free();
    await scratch.close();
  }
}

function readMigrations() {
  const names = existsSync(MIGRATIONS)
    ? readdirSync(MIGRATIONS, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => entry.name)
        .sort()
    : [];
  return {
    baseDir: MIGRATIONS,
    lockfile: { path: LOCK_FILE, content: LOCK_FILE_TEXT },
    shadowDbInitScript: '',
    migrationDirectories: names.map((name) => ({
      path: name,
      migrationFile: {
        path: 'migration.sql',
        content: { tag: 'ok', value: readFileSync(path.join(MIGRATIONS, name, 'migration.sql'), 'utf8') },
      },
    })),
  };
}

async function loadEngine() {
  const folder = path.dirname(createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm'));
  const glue = path.join(folder, 'schema_engine_bg.js');
  const engine = await import(pathToFileURL(glue).href);
  const { instance } = await WebAssembly.instantiate(
    readFileSync(path.join(folder, 'schema_engine_bg.wasm')),
    {
      './schema_engine_bg.js': engine,
    },
  );
  engine.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  return engine;
}

/** Gives the engine a fresh database for each connection it asks for. */
class ScratchDatabases {
  provider = 'postgres';
  adapterName = 'scratch';
  #databases = [];

  connect() {
    return this.#fresh();
  }

  connectToShadowDb() {
    return this.#fresh();
  }

  async close() {
    for (const database of this.#databases) await database.close();
  }

  async #fresh() {
    const database = await PGlite.create();
    this.#databases.push(database);
    // This adapter knows the internal type "char", which the engine asks for; @prisma/adapter-pg does not.
    const adapter = await new PrismaPGlite(database).connect();
    const queryRaw = adapter.queryRaw.bind(adapter);
    return Object.assign(adapter, {
      // Its own does not wait for the script to end.
      executeScript: async (script) => void (await database.exec(script)),
      // PostgreSQL 18 lists NOT NULL constraints too, which the engine does not expect.
      queryRaw: (query) =>
        queryRaw({
          ...query,
          sql: query.sql.replace("contype NOT IN ('p', 'u', 'f')", "contype NOT IN ('p', 'u', 'f', 'n')"),
        }),
    });
  }
}
