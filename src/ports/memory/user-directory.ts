/** Somebody who wrote to the bot. */
export interface ListedUser {
  /** See `Author.key` in domain/address.ts. */
  readonly key: string;
  /** As the platform showed it last; empty where that was forgotten. */
  readonly name: string;
  readonly lastAskedAt: Date;
}

export interface ListedUsers {
  /** By key. */
  readonly users: readonly ListedUser[];
  /** Pass it as `after` for the users after these; null where there are none. */
  readonly next: string | null;
}

/** Everybody who ever had a turn. */
export interface UserDirectory {
  /**
   * @param options.search - part of a key or name, in any case
   * @param options.limit - users, 1 to 50
   */
  page(options: {
    readonly search?: string;
    readonly after?: string;
    readonly limit: number;
  }): Promise<ListedUsers>;
}
