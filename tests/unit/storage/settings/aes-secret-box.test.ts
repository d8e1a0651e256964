import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ExpectedFailure } from '../../../../src/domain/failure.js';
import { aesSecretBox } from '../../../../src/storage/settings/aes-secret-box.js';

const key = () => randomBytes(32).toString('base64');
const text = () => fc.string({ unit: 'grapheme', maxLength: 200 });

/** The failure that `work` throws. */
function failureOf(work: () => unknown): ExpectedFailure {
  try {
    work();
  } catch (error) {
    if (error instanceof ExpectedFailure) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

test('what was sealed opens again, and does not show in its sealed form', () => {
  const box = aesSecretBox([key()]);
  fc.assert(
    fc.property(text(), text(), (secret, owner) => {
      const sealed = box.seal(secret, owner);
      expect(box.open(sealed, owner)).toBe(secret);
      if (secret.length > 4) expect(sealed).not.toContain(secret);
      expect(box.isOutdated(sealed)).toBe(false);
    }),
  );
});

test('the same secret is sealed differently each time', () => {
  const box = aesSecretBox([key()]);
  const sealed = Array.from({ length: 100 }, () => box.seal('xoxb-1', 'T1'));
  expect(new Set(sealed).size).toBe(100);
});

test('one changed bit anywhere, and nothing opens', () => {
  const box = aesSecretBox([key()]);
  fc.assert(
    fc.property(text(), fc.nat(), fc.integer({ min: 0, max: 7 }), (secret, place, bit) => {
      const [version = '', id = '', body = ''] = box.seal(secret, 'T1').split('.');
      const bytes = Buffer.from(body, 'base64url');
      const at = place % bytes.length;
      bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << bit), at);
      const tampered = [version, id, bytes.toString('base64url')].join('.');
      expect(failureOf(() => box.open(tampered, 'T1'))).toMatchObject({ kind: 'setup', retryable: false });
    }),
  );
});

test('whatever stands in its place is refused, and told of without the secret', () => {
  const box = aesSecretBox([key()]);
  const sealed = box.seal('xoxb-the-secret', 'T1');
  const pieces = fc.array(fc.constantFrom(...sealed.split('.'), 'v1', '.', ''), { maxLength: 5 });
  const rubbish = fc.oneof(
    text(),
    pieces.map((some) => some.join('.')),
  );
  fc.assert(
    fc.property(
      rubbish.filter((each) => each !== sealed),
      (other) => {
        expect(failureOf(() => box.open(other, 'T1')).message).not.toContain('xoxb');
      },
    ),
  );
});

test('a secret opens for its owner alone', () => {
  const box = aesSecretBox([key()]);
  fc.assert(
    fc.property(text(), text(), text(), (secret, owner, other) => {
      fc.pre(owner !== other);
      const failure = failureOf(() => box.open(box.seal(secret, owner), other));
      expect(failure.message).toContain('belongs to something else');
    }),
  );
});

test('another key opens nothing, and the failure names the key that would', () => {
  const [mine, other] = [aesSecretBox([key()]), aesSecretBox([key()])];
  fc.assert(
    fc.property(text(), (secret) => {
      const sealed = mine.seal(secret, 'slack/A1/T1');
      const { message } = failureOf(() => other.open(sealed, 'slack/A1/T1'));
      expect(message).toContain(
        `the stored secret of slack/A1/T1 was encrypted with key ${sealed.split('.')[1]}`,
      );
      expect(message).toContain('PARLEY_ENCRYPTION_KEY');
      expect(other.isOutdated(sealed)).toBe(true);
    }),
    { numRuns: 20 },
  );
});

test('keys are replaced: the new one seals, the old one still opens', () => {
  const [old, next] = [key(), key()];
  const sealed = aesSecretBox([old]).seal('xoxb-1', 'T1');
  const both = aesSecretBox([next, old]);
  expect(both.open(sealed, 'T1')).toBe('xoxb-1');
  expect(both.isOutdated(sealed)).toBe(true);
  const again = both.seal('xoxb-1', 'T1');
  expect(both.isOutdated(again)).toBe(false);
  expect(aesSecretBox([next]).open(again, 'T1')).toBe('xoxb-1');
});

test('a key is 32 bytes, in base64 or hexadecimal', () => {
  const bytes = randomBytes(32);
  const sealed = aesSecretBox([bytes.toString('hex')]).seal('xoxb-1', 'T1');
  expect(aesSecretBox([bytes.toString('base64url')]).open(sealed, 'T1')).toBe('xoxb-1');
  expect(() => aesSecretBox([randomBytes(16).toString('base64')])).toThrow(RangeError);
  expect(() => aesSecretBox([])).toThrow(RangeError);
});
