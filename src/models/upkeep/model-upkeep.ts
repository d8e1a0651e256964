import { ExpectedFailure } from '../../domain/failure.js';
import { alreadyDone, whyNot } from '../../domain/models/model-order.js';
import type { ModelAction, ModelReport } from '../../domain/models/model-report.js';
import type { Clock } from '../../ports/process/clock.js';
import type { Log } from '../../ports/process/log.js';
import type { KnownFiles } from '../catalog/known-files.js';
import type { ModelCatalog } from '../catalog/model-catalog.js';
import { getModelFile } from './get-model-file.js';
import type { LocalEngine } from './local-engine.js';
import type { ModelActivity } from './model-activity.js';
import { modelReport } from './model-report.js';

export interface ModelUpkeepDeps {
  readonly catalog: Pick<ModelCatalog, 'list' | 'entry' | 'resolve' | 'check' | 'remove'>;
  readonly engine: LocalEngine;
  readonly activity: ModelActivity;
  /** Aliases that this process answers for; null: all. */
  readonly serves: Pick<ReadonlySet<string>, 'has'> | null;
  readonly downloadsAllowed: boolean;
  readonly files: Pick<KnownFiles, 'getting' | 'gone' | 'look'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
}

/** What takes its time. */
type Order = Exclude<ModelAction, 'cancel'>;

const UNFORESEEN = 'It did not work, for a reason that only the log of this worker tells.';

/** Knows how the models of this process are, and does with them what an administrator orders. */
export class ModelUpkeep {
  readonly #deps: ModelUpkeepDeps;
  readonly #running = new Map<string, { readonly work: Promise<boolean>; readonly cancel: () => void }>();
  readonly #stopping = new AbortController();

  constructor(deps: ModelUpkeepDeps) {
    this.#deps = deps;
  }

  /** Every model of the catalog, in its order. */
  async report(): Promise<readonly ModelReport[]> {
    const { catalog, engine, activity, files, serves } = this.#deps;
    const items = await files.look(() => catalog.list());
    return Promise.all(
      items.map(async (item) =>
        modelReport({
          item,
          entry: await catalog.entry(item.alias),
          engine,
          activity: activity.of(item.alias),
          served: serves?.has(item.alias) ?? true,
        }),
      ),
    );
  }

  /**
   * Carries an order out. How it went is in the reports. One that is under way is joined, and what is so already stays
   * so.
   *
   * @returns false where this worker stopped before that was done
   * @throws where the models could not be listed, before anything was done
   */
  async carryOut(action: ModelAction, alias: string): Promise<boolean> {
    const { activity } = this.#deps;
    const model = (await this.report()).find((each) => each.alias === alias);
    const running = this.#running.get(alias);
    const { doing } = activity.of(alias);
    if (this.#stopping.signal.aborted) return false;
    if (model === undefined) return true;
    if (running !== undefined && doing === action) return running.work;
    const refusal = whyNot(action, { ...model, doing });
    if (refusal === null && alreadyDone(action, { ...model, doing }) !== null) return true;
    if (refusal !== null) {
      activity.change(alias, { problem: refusal });
      return true;
    }
    if (action === 'cancel') {
      running?.cancel();
      await running?.work;
      return true;
    }
    const cancelling = new AbortController();
    const signal = AbortSignal.any([this.#stopping.signal, cancelling.signal]);
    const work = this.#run(action, alias, signal).finally(() => this.#running.delete(alias));
    this.#running.set(alias, { work, cancel: () => cancelling.abort(new Error('the order is cancelled')) });
    return work;
  }

  /** Gives up what is under way. Half a download is kept for the next time. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the worker stops'));
    await Promise.all([...this.#running.values()].map(({ work }) => work));
  }

  async #run(action: Order, alias: string, signal: AbortSignal): Promise<boolean> {
    const { activity, log } = this.#deps;
    const before = activity.of(alias);
    activity.change(alias, { doing: action, problem: null });
    log.info({ model: alias, action }, 'an administrator’s order for a model');
    try {
      await this.#act(action, alias, signal);
    } catch (error) {
      if (this.#stopping.signal.aborted) return false;
      if (signal.aborted) {
        log.info({ model: alias, action }, 'an order for a model was cancelled');
        activity.change(alias, { problem: before.problem });
        return true;
      }
      const expected = error instanceof ExpectedFailure;
      if (!expected) log.error({ model: alias, action, err: error }, 'an order for a model failed');
      const failed = action === 'pull' || action === 'load' || activity.of(alias).failed;
      activity.change(alias, { problem: expected ? error.message : UNFORESEEN, failed });
    } finally {
      activity.change(alias, { doing: null, reading: null });
    }
    return true;
  }

  #act(action: Order, alias: string, signal: AbortSignal): Promise<void> {
    switch (action) {
      case 'pull':
        return this.#pull(alias, signal);
      case 'check':
        return this.#check(alias, signal);
      case 'load':
        return this.#load(alias, signal);
      case 'unload':
        return this.#unload(alias, async () => {});
      case 'delete':
        return this.#delete(alias, signal);
    }
  }

  async #pull(alias: string, signal: AbortSignal): Promise<void> {
    const { activity, downloadsAllowed } = this.#deps;
    if (!downloadsAllowed)
      throw new ExpectedFailure(
        'setup',
        `Downloads are turned off here (downloads.allowed): run "npx parley models pull ${alias}" on the worker's machine.`,
      );
    await getModelFile(alias, { allowDownload: true, signal }, this.#deps);
    activity.change(alias, { failed: false, checked: null });
  }

  async #check(alias: string, signal: AbortSignal): Promise<void> {
    const { activity, catalog, clock } = this.#deps;
    const checked = await catalog.check(alias, signal, ({ bytes, totalBytes }) =>
      activity.change(alias, { reading: totalBytes === null ? null : bytes / Math.max(1, totalBytes) }),
    );
    const problem = checked.state === 'whole' ? null : await this.#whatIsWrong(alias, checked);
    const ok = problem === null;
    activity.change(alias, { checked: { at: clock.now(), ok, problem }, problem, failed: !ok });
  }

  async #whatIsWrong(
    alias: string,
    checked: Exclude<Awaited<ReturnType<ModelCatalog['check']>>, { state: 'whole' }>,
  ): Promise<string> {
    if (checked.state !== 'damaged') return `${alias} is not on this machine: pull it.`;
    const item = (await this.#deps.catalog.list()).find((listed) => listed.alias === alias);
    return `${checked.reason}: ${item?.file === 'given' ? 'put a whole file there.' : 'pull it again.'}`;
  }

  async #load(alias: string, signal: AbortSignal): Promise<void> {
    // How it went, the activity is told by who loads it.
    await this.#deps.engine.load(alias, signal);
  }

  /** @param afterwards - done before anybody can load it again */
  async #unload(alias: string, afterwards: () => Promise<void>): Promise<void> {
    const { engine } = this.#deps;
    const uses = engine.uses(alias);
    if (uses > 0 || engine.state(alias) === 'loading')
      throw new ExpectedFailure('bad-input', `${alias} is in use: wait until its replies are written.`);
    await engine.unload(alias, afterwards);
  }

  async #delete(alias: string, signal: AbortSignal): Promise<void> {
    const { activity, catalog, engine, files } = this.#deps;
    const items = await catalog.list();
    const file = items.find((item) => item.alias === alias)?.path;
    const sharing = items.filter((item) => item.path !== null && item.path === file && item.alias !== alias);
    const used = sharing.find((item) => engine.state(item.alias) !== 'idle');
    if (used !== undefined)
      throw new ExpectedFailure(
        'bad-input',
        `${used.alias} uses the same file and is loaded: unload it first.`,
      );
    await this.#unload(alias, () => catalog.remove(alias, signal));
    for (const gone of [alias, ...sharing.map((item) => item.alias)]) files.gone(gone);
    activity.change(alias, { failed: false, checked: null });
  }
}
