import type { ModelCatalog } from '../../models/catalog/model-catalog.js';
import { describeBytes } from '../../models/download/describe-bytes.js';
import { type Check, fail, ok, warn } from './finding.js';

/** The default model: its file here, whole, and of a size that fits memory. */
export function modelCheck(
  catalog: ModelCatalog,
  defaultModel: string,
  { memoryBytes, downloadsAllowed }: { readonly memoryBytes: number; readonly downloadsAllowed: boolean },
): Check {
  return {
    name: 'Model',
    async run(signal) {
      const entry = await catalog.entry(defaultModel);
      const name = entry.alias === defaultModel ? entry.alias : `${entry.alias} (${defaultModel})`;
      if (entry.runs === 'hosted') return [ok(`${name} is hosted: nothing to keep here`)];
      const mend = `Run: npx parley models pull ${entry.alias}`;
      const checked = await catalog.check(entry.alias, signal);
      if (checked.state === 'damaged') return [fail(checked.reason, mend)];
      if (checked.state !== 'whole') {
        const comes = downloadsAllowed && entry.sources.some(({ type }) => type !== 'file');
        return comes
          ? [warn(`${name} is not here yet: the first start gets it`, mend)]
          : [
              fail(
                `${name} is not on this machine`,
                `${mend}, or set PARLEY_MODEL to the path of a .gguf file.`,
              ),
            ];
      }
      const { bytes, path } = checked.file;
      const found = ok(`${name} is here and whole: ${path} (${describeBytes(bytes)})`);
      if (bytes <= memoryBytes) return [found];
      const smaller = 'Set PARLEY_MODEL to a smaller model.';
      return [found, fail(`it is larger than the memory of ${describeBytes(memoryBytes)}`, smaller)];
    },
  };
}

/**
 * The GPU that local models would use.
 *
 * @param supported - kinds of GPU that this machine has the libraries and drivers for
 */
export function gpuCheck(wanted: string, supported: () => Promise<readonly (string | false)[]>): Check {
  return {
    name: 'GPU',
    async run() {
      if (wanted === 'off') return [ok('turned off by the configuration')];
      const kinds = (await supported()).filter((kind) => kind !== false);
      if (wanted !== 'auto' && !kinds.includes(wanted))
        return [
          fail(
            `${wanted} is asked for, but this machine has no library or driver for it`,
            `Install its driver, or set engine.gpu in parley.config.yaml to auto or off.`,
          ),
        ];
      return [ok(kinds.length > 0 ? `can use ${kinds.join(', ')}` : 'none: models run on the CPU')];
    },
  };
}
