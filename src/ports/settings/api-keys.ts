import type { ApiKeyId, ApiKeyLimits } from '../../domain/api-key.js';

/** A key as an administrator sees it: never the key itself. */
export interface ListedApiKey {
  readonly id: ApiKeyId;
  readonly name: string;
  /** How it begins, to tell keys apart. */
  readonly shown: string;
  readonly limits: ApiKeyLimits;
  readonly createdAt: Date;
  /** At most a minute too early. */
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
}

/** Looks up what programs show. */
export interface ApiKeyLookup {
  /**
   * The key that a program shows, which counts as a use of it.
   *
   * @returns null where there is no such key, or it was revoked
   * @throws {ExpectedFailure} `setup`, retryable, where the database is out of reach
   */
  find(key: string): Promise<Pick<ListedApiKey, 'id'> | null>;
}

/** Keys that an administrator makes for programs. */
export interface ApiKeyStore extends ApiKeyLookup {
  /** Those in force before those that were revoked, the newest first; at most `LISTED_API_KEYS`. */
  list(): Promise<readonly ListedApiKey[]>;
  /** @returns the key beside its row, for this once: it is stored nowhere. Null where `MOST_API_KEYS` are in force. */
  make(
    name: string,
    limits: ApiKeyLimits,
  ): Promise<{ readonly key: string; readonly made: ListedApiKey } | null>;
  /** Changes what is given. Null where there is no such key, or it was revoked. */
  change(
    id: ApiKeyId,
    change: { readonly name?: string; readonly limits?: Partial<ApiKeyLimits> },
  ): Promise<ListedApiKey | null>;
  /** Once and for all; the row stays. Null where there is no such key. */
  revoke(id: ApiKeyId): Promise<ListedApiKey | null>;
}

/** Keys in force at once. */
export const MOST_API_KEYS = 1_000;
export const LISTED_API_KEYS = 2_000;
