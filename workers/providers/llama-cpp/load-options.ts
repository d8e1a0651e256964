import type { GpuChoice, LoadOptions } from '../../engine/protocol.js';
import { machineCores, threadBudget } from './thread-budget.js';

/** Where a model's weights lie, and how to run them. */
export interface LocalModelFile {
  /** The GGUF file; of a split model, its first part. */
  readonly path: string;
  /** Tokens per slot that prompt and reply share; capped at what the model was trained on. Default 4096. */
  readonly contextSize?: number;
  /** Conversations answered at once; each takes memory for `contextSize` tokens. Default 4. */
  readonly slots?: number;
  /** Default `auto`: a GPU where there is one. */
  readonly gpu?: GpuChoice;
  /** Default: the cores of the machine or container, less one. Never more than there are. */
  readonly threads?: number;
  /** Adapters over the weights; `scale` defaults to 1. */
  readonly lora?: readonly { readonly path: string; readonly scale?: number }[];
}

const DEFAULT_CONTEXT_SIZE = 4096;
const DEFAULT_SLOTS = 4;

/** What an engine is told to load, on this machine. */
export async function loadOptions(
  file: LocalModelFile,
  stateCache: LoadOptions['stateCache'],
): Promise<LoadOptions> {
  const { cores, quota } = await machineCores();
  return {
    path: file.path,
    contextSize: file.contextSize ?? DEFAULT_CONTEXT_SIZE,
    slots: file.slots ?? DEFAULT_SLOTS,
    gpu: file.gpu ?? 'auto',
    threads: threadBudget(cores, quota, file.threads ?? null),
    lora: (file.lora ?? []).map(({ path, scale }) => ({ path, scale: scale ?? 1 })),
    stateCache,
  };
}
