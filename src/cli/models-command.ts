import { ExpectedFailure } from '../domain/failure.js';
import type { CatalogItem, ModelCatalog } from '../models/catalog/model-catalog.js';
import { describeBytes } from '../models/download/describe-bytes.js';
import type { ConsoleOutput } from './console-output.js';
import type { ProgressReporter } from './progress-reporter.js';

export interface ModelsContext {
  readonly catalog: ModelCatalog;
  /** Alias that is meant where none is named. */
  readonly defaultModel: string;
  readonly output: ConsoleOutput;
  readonly progress: ProgressReporter;
  readonly signal: AbortSignal;
}

/** `parley models list` */
export async function listModels({ catalog, defaultModel, output }: ModelsContext): Promise<void> {
  const entry = await catalog.entry(defaultModel);
  const items = await catalog.list();
  const width = Math.max(...items.map(({ alias }) => alias.length));
  const stateWidth = Math.max(...items.map((item) => stateOf(item).length));
  for (const item of items) {
    const mark = item.alias === entry.alias ? '*' : ' ';
    output.out(
      `${mark} ${item.alias.padEnd(width)}  ${stateOf(item).padEnd(stateWidth)}  ${item.description}`.trimEnd(),
    );
  }
  output.out('');
  output.out(`* answers by default${defaultModel === 'auto' ? ' (auto: the largest that fits)' : ''}`);
}

/** `parley models pull [alias…]`: by name a model of any size. */
export async function pullModels(aliases: readonly string[], context: ModelsContext): Promise<void> {
  const { catalog, defaultModel, output, progress, signal } = context;
  for (const alias of aliases.length > 0 ? aliases : [defaultModel]) {
    const onProgress = progress.forModel(alias);
    const model = await catalog.resolve(alias, { allowDownload: true, signal, onProgress });
    progress.stop();
    output.out(`${model.alias}: ${model.path} (${describeBytes(model.bytes)}, SHA-256 ${model.sha256})`);
  }
}

/**
 * `parley models check [alias…]`: reads whole files, by default all that are here.
 *
 * @throws {ExpectedFailure} `model-missing` where a file is damaged, or one that was named is not here
 */
export async function checkModels(aliases: readonly string[], context: ModelsContext): Promise<void> {
  const { catalog, output, progress, signal } = context;
  const here = async () =>
    (await catalog.list()).filter(({ state }) => state === 'present').map(({ alias }) => alias);
  const bad: string[] = [];
  for (const alias of aliases.length > 0 ? aliases : await here()) {
    const checked = await catalog.check(alias, signal, progress.forModel(alias));
    progress.stop();
    if (checked.state === 'whole')
      output.out(
        `${checked.alias}: whole (${describeBytes(checked.file.bytes)}, SHA-256 ${checked.file.sha256})`,
      );
    if (checked.state === 'hosted') output.out(`${checked.alias}: hosted, no file`);
    if (checked.state === 'absent') output.out(`${checked.alias}: not on this machine`);
    if (checked.state === 'damaged') output.out(`${checked.alias}: ${checked.reason}`);
    if (checked.state === 'absent' || checked.state === 'damaged') bad.push(checked.alias);
  }
  if (bad.length > 0)
    throw new ExpectedFailure(
      'model-missing',
      `Run "npx parley models pull ${bad.join(' ')}" to get what is missing.`,
    );
}

function stateOf({ state, bytes }: CatalogItem): string {
  if (state === 'hosted') return 'hosted';
  const size = bytes === null ? '' : ` (${describeBytes(bytes)})`;
  return state === 'present' ? `on this machine${size}` : `to download${size}`;
}
