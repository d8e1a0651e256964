import type { Platform } from '../../domain/address.js';
import type {
  Installation,
  InstallationKey,
  InstallationStore,
} from '../../ports/settings/installation-store.js';
import type { SecretBox } from '../../ports/settings/secret-box.js';
import { reaching } from '../database/database-failure.js';
import { storable, storableJson } from '../database/storable-text.js';
import type { PrismaClient } from '../generated/client.js';

type InstallationRow = Omit<Installation, 'installedAt'> & { readonly installed_at: Date };

export class PrismaInstallationStore implements InstallationStore {
  readonly #prisma: PrismaClient;
  readonly #box: SecretBox;

  constructor(prisma: PrismaClient, box: SecretBox) {
    this.#prisma = prisma;
    this.#box = box;
  }

  async save({ name, token, details, ...given }: Omit<Installation, 'installedAt'>): Promise<void> {
    const key = storableKey(given);
    const sealed = this.#box.seal(token, ownerOf(key));
    await reaching(
      this.#prisma.$executeRaw`
        INSERT INTO installation (platform, app, workspace, name, token, details, installed_at)
        VALUES (${key.platform}, ${key.app}, ${key.workspace}, ${storable(name)}, ${sealed},
                ${storableJson(details)}::jsonb, clock_timestamp())
        ON CONFLICT (platform, app, workspace) DO UPDATE
        SET name = EXCLUDED.name, token = EXCLUDED.token, details = EXCLUDED.details,
            installed_at = EXCLUDED.installed_at`,
    );
  }

  async find(given: InstallationKey): Promise<Installation | null> {
    const key = storableKey(given);
    const [row] = await reaching(
      this.#prisma.$queryRaw<InstallationRow[]>`
        SELECT name, token, details, installed_at FROM installation
        WHERE platform = ${key.platform} AND app = ${key.app} AND workspace = ${key.workspace}`,
    );
    if (!row) return null;
    const { name, details, installed_at: installedAt } = row;
    return { ...key, name, token: this.#box.open(row.token, ownerOf(key)), details, installedAt };
  }

  list(platform: Platform): Promise<readonly InstallationKey[]> {
    return reaching(
      this.#prisma.$queryRaw<InstallationKey[]>`
        SELECT platform, app, workspace FROM installation WHERE platform = ${platform} ORDER BY installed_at`,
    );
  }

  async remove(given: InstallationKey, madeUntil: Date): Promise<boolean> {
    const key = storableKey(given);
    const removed = await reaching(
      this.#prisma.$executeRaw`
        DELETE FROM installation
        WHERE platform = ${key.platform} AND app = ${key.app} AND workspace = ${key.workspace}
          AND installed_at <= ${madeUntil}`,
    );
    return removed > 0;
  }

  async renewEncryption(): Promise<number> {
    const rows = await reaching(
      this.#prisma.$queryRaw<(InstallationKey & { readonly token: string })[]>`
        SELECT platform, app, workspace, token FROM installation`,
    );
    let renewed = 0;
    for (const { token, ...key } of rows.filter((row) => this.#box.isOutdated(row.token))) {
      const opened = this.#tryToOpen(token, key);
      if (opened === null) continue;
      const sealed = this.#box.seal(opened, ownerOf(key));
      renewed += await reaching(
        this.#prisma.$executeRaw`
          UPDATE installation SET token = ${sealed}
          WHERE platform = ${key.platform} AND app = ${key.app} AND workspace = ${key.workspace}
            AND token = ${token}`,
      );
    }
    return renewed;
  }

  /** Null where its key is gone: whoever needs the token is told so. */
  #tryToOpen(token: string, key: InstallationKey): string | null {
    try {
      return this.#box.open(token, ownerOf(key));
    } catch {
      return null;
    }
  }
}

function storableKey({ platform, app, workspace }: InstallationKey): InstallationKey {
  return { platform, app: storable(app), workspace: storable(workspace) };
}

/** A token moved to another row of the table does not open there. */
function ownerOf({ platform, app, workspace }: InstallationKey): string {
  return [platform, app, workspace].map(encodeURIComponent).join('/');
}
