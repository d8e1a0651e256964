import type { Log } from '../../ports/process/log.js';
import type { FileChange } from './known-files.js';
import type { ModelCatalog } from './model-catalog.js';
import { type ServedModels, type ServingChoice, servedModels } from './served-models.js';

export interface ServedHereOptions {
  readonly catalog: Pick<ModelCatalog, 'list' | 'entry'>;
  readonly choice: ServingChoice;
  /** Perhaps the only worker there is: with nothing to serve it serves what could not be had, and so tells askers why. */
  readonly alone: boolean;
  readonly log: Log;
}

/** The models that this worker serves now. Files that come and go change that while it runs. */
export class ServedHere {
  readonly #options: ServedHereOptions;
  readonly #missing: Set<string>;
  readonly #listeners = new Set<() => void>();
  #now: ServedModels = { aliases: new Set(), first: '' };
  #reviewed: Promise<void> = Promise.resolve();

  private constructor(options: ServedHereOptions) {
    this.#options = options;
    this.#missing = new Set(options.choice.missing);
  }

  /** Chooses for the first time. None may be served. */
  static async open(options: ServedHereOptions): Promise<ServedHere> {
    const served = new ServedHere(options);
    served.#now = await served.#choose();
    return served;
  }

  has(alias: string): boolean {
    return this.#now.aliases.has(alias);
  }

  /** `auto` among them where its model is. */
  aliases(): ReadonlySet<string> {
    return this.#now.aliases;
  }

  /** What `auto` stands for here: the same one for as long as it is served. Never `auto`. */
  get first(): string {
    return this.#now.first;
  }

  /** Calls `listener` after each change, until the returned function is called. */
  onChanged(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Chooses anew after a file came or went. Never throws. */
  review(alias: string, change: FileChange): Promise<void> {
    this.#reviewed = this.#reviewed
      .then(() => this.#review(alias, change))
      .catch((err: unknown) => this.#options.log.error({ model: alias, err }, 'served models not reviewed'));
    return this.#reviewed;
  }

  async #review(alias: string, change: FileChange): Promise<void> {
    const { catalog, choice, log } = this.#options;
    const items = await catalog.list();
    const file = items.find((item) => item.alias === alias)?.path ?? null;
    const shares = items.filter((item) => item.path !== null && item.path === file).map((item) => item.alias);
    if (change === 'came') for (const each of [alias, ...shares]) this.#missing.delete(each);
    else if (!choice.downloadsAllowed) this.#missing.add(alias);
    const before = this.#now;
    this.#now = keepFirst(before, await this.#choose());
    const came = [...this.#now.aliases].filter((each) => !before.aliases.has(each));
    const gone = [...before.aliases].filter((each) => !this.#now.aliases.has(each));
    if (came.length === 0 && gone.length === 0 && before.first === this.#now.first) return;
    log.info({ came, gone, first: this.#now.first }, 'what this worker serves has changed');
    for (const listener of this.#listeners) listener();
  }

  async #choose(): Promise<ServedModels> {
    const { catalog, choice, alone } = this.#options;
    const missing = this.#missing;
    const served = await servedModels(catalog, { ...choice, missing });
    if (served.aliases.size > 0 || !alone) return served;
    return servedModels(catalog, { ...choice, listed: [...missing], missing: new Set() });
  }
}

/** A larger model that came is not what `auto` was, and may be slow here: that is for a restart to choose. */
function keepFirst(before: ServedModels, now: ServedModels): ServedModels {
  const keep = before.aliases.has('auto') && now.aliases.has('auto') && now.aliases.has(before.first);
  return keep ? { ...now, first: before.first } : now;
}
