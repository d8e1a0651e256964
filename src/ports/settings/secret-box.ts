/** Keeps secrets unreadable to whoever holds the database alone. */
export interface SecretBox {
  /**
   * Encrypts `secret` with the newest key.
   *
   * @param owner - names what the secret is of. It opens for that owner only, wherever it was moved to.
   */
  seal(secret: string, owner: string): string;
  /**
   * @throws {ExpectedFailure} `setup`: `sealed` was made for another owner, was changed, or its key is not here. The
   *   message names the key, and holds nothing of the secret
   */
  open(sealed: string, owner: string): string;
  /** True where `sealed` was made with an older key, or one that is not here: seal it again while it still opens. */
  isOutdated(sealed: string): boolean;
}
