import { computed, signal } from '@preact/signals';
import type { Conversations, ListedConversation } from '../../api/api-types.js';
import { callApi, sentenceOf } from '../../api/call-api.js';
import { userId } from '../../state/user.js';
import { type Entry, entriesOf } from './entries.js';
import { renewed } from './listed.js';

const NO_PAGE: Conversations = { conversations: [], earlier: null };
/** Conversations at a time: more than a screen holds. */
const PAGE_LENGTH = '30';
/** Who types is not done yet, in ms. */
const TYPING_MS = 200;

/** The conversations of whoever asks, or those of them that a search finds. */
export class ConversationList {
  readonly page = signal(NO_PAGE);
  readonly entries = computed(() => entriesOf(this.page.value.conversations));
  /** What the page was searched for. */
  readonly search = signal('');
  readonly loading = signal(true);
  /** Why there is no page, or not the next one. */
  readonly problem = signal('');
  /** What was last asked for, which the page may not show yet. */
  #wanted = '';
  #typing: ReturnType<typeof setTimeout> | undefined;
  #reading = new AbortController();

  /** Searches once nothing more was typed for a moment. */
  type(text: string): void {
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => void this.load(text.trim()), TYPING_MS);
  }

  /** Reads the list from its beginning. */
  async load(search = this.#wanted): Promise<void> {
    this.#wanted = search;
    await this.#read(null, (fresh) => fresh);
  }

  /** Another person's list: nothing of the one before is left on the screen. */
  async begin(): Promise<void> {
    this.page.value = NO_PAGE;
    await this.load();
  }

  /** Takes in what changed, and keeps what was loaded beyond the first page. */
  async refresh(): Promise<void> {
    await this.#read(null, (fresh, shown) => renewed(fresh, shown));
  }

  async more(): Promise<void> {
    const { earlier } = this.page.value;
    if (earlier === null) return;
    await this.#read(earlier, (next, { conversations }) => ({
      conversations: [...conversations, ...next.conversations],
      earlier: next.earlier,
    }));
  }

  /** Shows what is `by` rows further down, or the first. @param show - goes to an address of this site */
  step(id: string | null, by: -1 | 1, show: (href: string) => void): void {
    const entries = this.entries.value;
    const at = entries.findIndex(({ ids }) => ids.some((each) => each === id));
    const next = entries[at === -1 ? 0 : at + by];
    if (next) show(next.href);
  }

  titleOf(id: string | null): string | null {
    return this.#find(id)?.title ?? null;
  }

  /** @throws {ApiError} with the sentence to show */
  async rename({ ids }: Entry, title: string): Promise<void> {
    const body = { title: title.trim() || null };
    // One half of a comparison may be on a later page, or may never have been asked.
    for (const id of ids.filter((each) => this.#find(each))) {
      const renamed = await callApi('PATCH /api/conversations/{id}', { path: { id }, body });
      this.#change(id, () => renamed);
    }
  }

  /** @throws {ApiError} with the sentence to show */
  async clear({ ids }: Entry): Promise<void> {
    for (const id of ids) await callApi('POST /api/conversations/{id}/clear', { path: { id } });
    await this.refresh();
  }

  /** @throws {ApiError} with the sentence to show */
  async remove({ ids }: Entry): Promise<void> {
    for (const id of ids) {
      await callApi('DELETE /api/conversations/{id}', { path: { id } });
      const { conversations, earlier } = this.page.value;
      this.page.value = { conversations: conversations.filter((one) => one.conversation_id !== id), earlier };
    }
  }

  leave(): void {
    clearTimeout(this.#typing);
    this.#reading.abort();
  }

  async #read(
    before: number | null,
    join: (read: Conversations, shown: Conversations) => Conversations,
  ): Promise<void> {
    this.#reading.abort();
    this.#reading = new AbortController();
    const { signal } = this.#reading;
    const search = this.#wanted;
    const query = {
      user_id: userId.value,
      limit: PAGE_LENGTH,
      ...(search !== '' && { search }),
      ...(before !== null && { before: String(before) }),
    };
    this.loading.value = true;
    this.problem.value = '';
    try {
      const read = await callApi('GET /api/conversations', { query, signal });
      this.page.value = join(read, search === this.search.value ? this.page.value : NO_PAGE);
      this.search.value = search;
    } catch (error) {
      if (!signal.aborted) this.problem.value = sentenceOf(error);
    } finally {
      if (!signal.aborted) this.loading.value = false;
    }
  }

  #find(id: string | null): ListedConversation | undefined {
    return this.page.value.conversations.find(({ conversation_id }) => conversation_id === id);
  }

  #change(id: string, change: (listed: ListedConversation) => ListedConversation): void {
    const { conversations, earlier } = this.page.value;
    this.page.value = {
      conversations: conversations.map((one) => (one.conversation_id === id ? change(one) : one)),
      earlier,
    };
  }
}
