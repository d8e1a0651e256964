import { hkdfSync } from 'node:crypto';
import type { Platform } from '../../domain/address.js';
import { ExpectedFailure } from '../../domain/failure.js';
import type { DeliveryTarget } from '../../domain/turn.js';
import type { SecretBox } from '../../ports/settings/secret-box.js';
import { storable } from '../database/storable-text.js';
import { aesSecretBox } from '../settings/aes-secret-box.js';

/** What encrypts the credentials of each platform's targets. */
export type CredentialBoxes = ReadonlyMap<Platform, SecretBox>;

const KEY_BYTES = 32;

/**
 * A box whose keys are made from secrets that every process has which needs it: those it makes, and those that answer.
 *
 * @param secrets - random ones, as platforms give them. The first seals, all open
 */
export function credentialBox(secrets: readonly string[]): SecretBox {
  const keys = secrets.map((secret) => hkdfSync('sha256', secret, '', 'parley credentials', KEY_BYTES));
  return aesSecretBox(keys.map((key) => Buffer.from(key).toString('base64')));
}

/**
 * Encrypts the texts of a target's credential, for its message alone. Where there is no box it is left away: no
 * credential is stored in clear.
 *
 * Each text stays at its name, so that a release that cannot open it finds one that the platform takes no more.
 */
export function sealCredential(
  boxes: CredentialBoxes,
  target: DeliveryTarget,
  messageKey: string,
): DeliveryTarget {
  const { credential, ...rest } = target;
  if (!credential) return target;
  const box = boxes.get(target.platform);
  if (!box) return rest;
  const seal = (text: string, name: string) => box.seal(text, ownerOf(messageKey, name));
  return { ...rest, credential: { ...withTexts(credential, seal), sealed: true } };
}

/** Without its credential where that cannot be opened: the bot answers without. In clear it is of an older release. */
export function openCredential(
  boxes: CredentialBoxes,
  target: DeliveryTarget,
  messageKey: string,
): DeliveryTarget {
  const { credential, ...rest } = target;
  if (credential?.['sealed'] !== true) return target;
  const box = boxes.get(target.platform);
  if (!box) return rest;
  const { sealed: _mark, ...texts } = credential;
  try {
    const open = (text: string, name: string) => box.open(text, ownerOf(messageKey, name));
    return { ...rest, credential: withTexts(texts, open) };
  } catch (error) {
    if (error instanceof ExpectedFailure) return rest;
    throw error;
  }
}

type Credential = NonNullable<DeliveryTarget['credential']>;

function withTexts(
  { expiresAt, ...texts }: Credential,
  change: (text: string, name: string) => string,
): Credential {
  const changed = Object.entries(texts).map(([name, value]) => [
    name,
    typeof value === 'string' ? change(value, name) : value,
  ]);
  return { ...Object.fromEntries(changed), expiresAt };
}

/** A credential moved to another message does not open there. */
function ownerOf(messageKey: string, name: string): string {
  return `credential/${name}/${storable(messageKey)}`;
}
