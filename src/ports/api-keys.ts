/** Row ids; positive, never given twice. */
export type ApiKeyId = number;

/** Keys that an administrator made for programs. */
export interface ApiKeys {
  /**
   * The key that a program shows.
   *
   * @returns null where there is no such key, or it was revoked
   * @throws {ExpectedFailure} `setup`, retryable, where the database is out of reach
   */
  find(key: string): Promise<{ readonly id: ApiKeyId } | null>;
}
