import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {
  Installation,
  InstallationKey,
  InstallationStore,
} from '../../../src/ports/settings/installation-store.js';
import type { SecretBox } from '../../../src/ports/settings/secret-box.js';
import { aesSecretBox } from '../../../src/storage/settings/aes-secret-box.js';

export interface InstallationStoreHarness {
  /** The store as a process with these keys has it. */
  installations(box: SecretBox): InstallationStore;
  /** Everything that is stored, as text. */
  everything(): Promise<string>;
  /** Gives the first installation the stored token of the second. */
  moveToken(to: InstallationKey, from: InstallationKey): Promise<void>;
  stop(): Promise<void>;
}

/** What every InstallationStore does. */
export function describeInstallationStore(name: string, open: () => Promise<InstallationStoreHarness>): void {
  describe(`an installation store on ${name}`, () => {
    const key = () => randomBytes(32).toString('base64');
    const firstKey = key();
    let harness: InstallationStoreHarness;
    let installations: InstallationStore;

    beforeAll(async () => {
      harness = await open();
      installations = harness.installations(aesSecretBox([firstKey]));
    });
    afterAll(() => harness?.stop());

    function newInstallation(more: Partial<Installation> = {}): Omit<Installation, 'installedAt'> {
      const workspace = `T${randomUUID()}`;
      const token = `xoxb-${randomUUID()}`;
      return {
        platform: 'slack',
        app: 'A1',
        workspace,
        name: 'Acme',
        token,
        details: { bot: 'U1' },
        ...more,
      };
    }
    const later = () => new Date(Date.now() + 60_000);

    test('gives back what was saved, under its own key alone', async () => {
      const made = newInstallation();
      await installations.save(made);
      expect(await installations.find(made)).toEqual({ ...made, installedAt: expect.any(Date) });
      expect(await installations.find({ ...made, workspace: 'T-other' })).toBeNull();
      expect(await installations.find({ ...made, app: 'A2' })).toBeNull();
      expect(await installations.find({ ...made, platform: 'discord' })).toBeNull();
    });

    test('the latest installation of a workspace is the one that counts', async () => {
      const made = newInstallation();
      await installations.save(made);
      await installations.save({ ...made, token: 'xoxb-second', name: 'Acme & Co' });
      expect(await installations.find(made)).toMatchObject({ token: 'xoxb-second', name: 'Acme & Co' });
      const listed = (await installations.list('slack')).filter(
        ({ workspace }) => workspace === made.workspace,
      );
      expect(listed).toEqual([{ platform: 'slack', app: 'A1', workspace: made.workspace }]);
    });

    test('no token is stored in clear', async () => {
      const made = newInstallation();
      await installations.save(made);
      const everything = await harness.everything();
      expect(everything).toContain(made.workspace);
      expect(everything).not.toContain(made.token);
      expect(everything).not.toContain(Buffer.from(made.token).toString('base64').slice(0, 20));
    });

    test('a token that was moved to another workspace does not open there', async () => {
      const [one, two] = [newInstallation(), newInstallation()];
      await installations.save(one);
      await installations.save(two);
      await harness.moveToken(one, two);
      await expect(installations.find(one)).rejects.toMatchObject({ kind: 'setup', retryable: false });
      expect(await installations.find(two)).toMatchObject({ token: two.token });
    });

    test('what is removed is gone, unless it was made anew meanwhile', async () => {
      const made = newInstallation();
      await installations.save(made);
      const first = await installations.find(made);
      expect(await installations.remove(made, new Date((first?.installedAt.getTime() ?? 0) - 1))).toBe(false);
      expect(await installations.find(made)).not.toBeNull();
      expect(await installations.remove(made, first?.installedAt ?? later())).toBe(true);
      expect(await installations.find(made)).toBeNull();
      expect(await installations.remove(made, later())).toBe(false);
    });

    test('removing one leaves the others', async () => {
      const [one, two] = [newInstallation(), newInstallation()];
      await installations.save(one);
      await installations.save(two);
      await installations.remove(one, later());
      expect(await installations.find(two)).toMatchObject({ token: two.token });
    });

    test('keys are replaced: what the old one encrypted is encrypted anew', async () => {
      const made = newInstallation();
      await installations.save(made);
      const nextKey = key();
      const next = harness.installations(aesSecretBox([nextKey]));
      await expect(next.find(made)).rejects.toThrow(
        /encrypted with key [0-9a-f]{8}, .*PARLEY_ENCRYPTION_KEY/,
      );
      expect(await next.renewEncryption()).toBe(0);
      const both = harness.installations(aesSecretBox([nextKey, firstKey]));
      expect(await both.renewEncryption()).toBeGreaterThan(0);
      expect(await both.renewEncryption()).toBe(0);
      expect(await next.find(made)).toMatchObject({ token: made.token });
    });

    test('takes hostile text', async () => {
      const made = newInstallation({ name: 'A\0cme\ud800', details: { bot: 'U\0' } });
      await installations.save({ ...made, workspace: `${made.workspace}\0` });
      expect(await installations.find(made)).toMatchObject({ name: 'Acme\ufffd', details: { bot: 'U' } });
    });
  });
}
