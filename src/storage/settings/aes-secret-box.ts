import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { ExpectedFailure } from '../../domain/failure.js';
import type { SecretBox } from '../../ports/settings/secret-box.js';

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
/** What GCM is specified with. Random ones may repeat after some 2^32 secrets. */
const IV_BYTES = 12;
const TAG_BYTES = 16;
const VERSION = 'v1';

interface Key {
  readonly id: string;
  readonly bytes: Buffer;
}

/**
 * AES-256-GCM: `v1.<key id>.<base64url of iv, tag and ciphertext>`. The owner is authenticated with it.
 *
 * @param keys - 32 bytes each, in base64 or hexadecimal. The first seals, all open
 * @throws {RangeError} where a key has another length, or there is none
 */
export function aesSecretBox(keys: readonly string[]): SecretBox {
  const known = keys.map(readKey);
  const [newest] = known;
  if (!newest) throw new RangeError('a secret box needs a key');
  return {
    seal(secret, owner) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv(ALGORITHM, newest.bytes, iv).setAAD(authenticated(newest.id, owner));
      const body = [cipher.update(secret, 'utf8'), cipher.final()];
      const sealed = Buffer.concat([iv, cipher.getAuthTag(), ...body]);
      return `${VERSION}.${newest.id}.${sealed.toString('base64url')}`;
    },

    open(sealed, owner) {
      const { keyId, iv, tag, body } = readSealed(sealed, owner);
      const key = known.find(({ id }) => id === keyId);
      if (!key)
        throw refusal(owner, `was encrypted with key ${keyId}, which is not in PARLEY_ENCRYPTION_KEY`);
      const decipher = createDecipheriv(ALGORITHM, key.bytes, iv, { authTagLength: TAG_BYTES });
      decipher.setAAD(authenticated(keyId, owner)).setAuthTag(tag);
      try {
        return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
      } catch (cause) {
        throw refusal(owner, 'was changed since it was encrypted, or belongs to something else', cause);
      }
    },

    isOutdated: (sealed) => !sealed.startsWith(`${VERSION}.${newest.id}.`),
  };
}

/** Names a key without telling it: 32 bits of a hash of 256 random ones. */
function readKey(text: string): Key {
  const bytes = Buffer.from(text, /^[0-9a-f]{64}$/i.test(text) ? 'hex' : 'base64');
  if (bytes.length !== KEY_BYTES) throw new RangeError(`a key has ${KEY_BYTES} bytes`);
  const id = createHash('sha256').update('parley key id').update(bytes).digest('hex').slice(0, 8);
  return { id, bytes };
}

/** The lengths are fixed but the owner's, which is last: no two pairs look alike. */
function authenticated(keyId: string, owner: string): Buffer {
  return Buffer.from(`${VERSION}.${keyId}.${owner}`, 'utf8');
}

function readSealed(sealed: string, owner: string) {
  const match = /^v1\.([0-9a-f]{8})\.([\w-]+)$/.exec(sealed);
  const bytes = Buffer.from(match?.[2] ?? '', 'base64url');
  if (match?.[1] === undefined || bytes.length < IV_BYTES + TAG_BYTES)
    throw refusal(owner, 'is not in a form that this version reads');
  return {
    keyId: match[1],
    iv: bytes.subarray(0, IV_BYTES),
    tag: bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES),
    body: bytes.subarray(IV_BYTES + TAG_BYTES),
  };
}

function refusal(owner: string, why: string, cause?: unknown): ExpectedFailure {
  return new ExpectedFailure('setup', `the stored secret of ${owner} ${why}`, { cause });
}
