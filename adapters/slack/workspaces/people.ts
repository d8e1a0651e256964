import type { WebClient } from '@slack/web-api';
import { LRUCache } from 'lru-cache';
import type { Author } from '../../../src/domain/address.js';
import { HOUR_MS, MINUTE_MS } from '../../../src/domain/time/duration.js';
import type { Log } from '../../../src/ports/process/log.js';
import { attemptCall } from '../client/attempt-call.js';
import { mentionedUsers, readableText } from '../client/readable-text.js';
import { authorKey } from '../client/slack-ids.js';

/** A name is asked for again after this long. */
const NAME_LIFE_MS = HOUR_MS;
/** A name that could not be had is not asked for again for this long. */
const MISSING_LIFE_MS = MINUTE_MS;
/** Slack waits 3 s for the acknowledgement: a message goes in without names rather than late. */
const PATIENCE_MS = 1_000;
/** Names looked up for one text: users.info is limited too. */
const LOOKUPS = 10;

/** Display names of people, remembered; where Slack gives none, their id. */
export class People {
  readonly #client: WebClient;
  readonly #log: Log;
  readonly #names = new LRUCache<string, string>({ max: 10_000, ttl: NAME_LIFE_MS });

  constructor(client: WebClient, log: Log) {
    this.#client = client;
    this.#log = log;
  }

  async author(team: string, user: string): Promise<Author> {
    await this.#learn([user]);
    return { key: authorKey(team, user), name: this.#nameOf(user), id: user };
  }

  /** What a person would read. @param self - the bot's own user id */
  async readable(markup: string, self: string): Promise<string> {
    await this.#learn(mentionedUsers(markup).filter((id) => id !== self));
    return readableText(markup, self, { user: (id) => this.#nameOf(id) });
  }

  async nameOf(user: string): Promise<string> {
    await this.#learn([user]);
    return this.#nameOf(user);
  }

  #nameOf(user: string): string {
    return this.#names.get(user) ?? user;
  }

  async #learn(users: readonly string[]): Promise<void> {
    const unknown = users.filter((user) => !this.#names.has(user)).slice(0, LOOKUPS);
    if (unknown.length === 0) return;
    const signal = AbortSignal.timeout(PATIENCE_MS);
    await Promise.all(unknown.map((user) => this.#learnOne(user, signal)));
  }

  async #learnOne(user: string, signal: AbortSignal): Promise<void> {
    try {
      const result = await attemptCall(() => this.#client.users.info({ user }), signal);
      const found = result.ok ? result.value.user : undefined;
      const name = found?.profile?.display_name || found?.real_name || found?.name;
      this.#names.set(user, name || user, name ? {} : { ttl: MISSING_LIFE_MS });
    } catch (error) {
      if (!signal.aborted) throw error;
      this.#names.set(user, user, { ttl: MISSING_LIFE_MS });
      this.#log.debug({}, 'Slack gave no name in time');
    }
  }
}
