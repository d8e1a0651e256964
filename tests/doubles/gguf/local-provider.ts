import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ExpectedFailure } from '../../../src/domain/failure.js';
import { compiledEntry } from '../../../src/process/compiled-entry.js';
import { systemClock } from '../../../src/process/system-clock.js';
import {
  type LlamaCppOptions,
  LlamaCppProvider,
} from '../../../workers/providers/llama-cpp/llama-cpp-provider.js';
import type { LocalModelFile } from '../../../workers/providers/llama-cpp/load-options.js';
import { writeScriptedModel } from './models.js';

export const SCRIPTED_REPLY = 'Hello there, this is the scripted model speaking: all is well today.';

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

/** A provider over model files that `write` makes in a folder of its own; `scripted` is there from the start. */
export async function openLocalModel(
  how: Omit<LocalModelFile, 'path'> & {
    readonly files?: Readonly<Record<string, (path: string) => void>>;
    readonly options?: Partial<LlamaCppOptions>;
    /** Keeps evicted conversations below `states` in the folder. */
    readonly stateCache?: boolean;
  } = {},
): Promise<{ readonly provider: LlamaCppProvider; readonly folder: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'parley-models-'));
  const { files, options, stateCache, ...run } = how;
  const writers: Record<string, (path: string) => void> = {
    scripted: (file) => writeScriptedModel(file, { reply: SCRIPTED_REPLY }),
    ...files,
  };
  for (const [model, write] of Object.entries(writers)) write(path.join(folder, `${model}.gguf`));
  const provider = new LlamaCppProvider({
    findModel: async (model) => {
      if (!(model in writers)) throw new ExpectedFailure('model-missing', `There is no model ${model}.`);
      return { gpu: 'off', threads: 1, ...run, path: path.join(folder, `${model}.gguf`) };
    },
    engineEntry: compiledEntry('workers/engine/main'),
    clock: systemClock,
    log: SILENT,
    ...(stateCache ? { stateCache: { folder: path.join(folder, 'states'), maxBytes: 2 ** 26 } } : {}),
    ...options,
  });
  return { provider, folder };
}
