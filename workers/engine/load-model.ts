import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import {
  type ChatWrapper,
  getLlama,
  getModuleVersion,
  JinjaTemplateChatWrapper,
  type Llama,
  type LlamaContext,
  LlamaLogLevel,
  type LlamaModel,
  resolveChatWrapper,
  type Token,
} from 'node-llama-cpp';
import { ExpectedFailure } from '../../src/domain/failure.js';
import { checkGguf } from './check-gguf.js';
import type { EngineInfo, GpuChoice, LoadOptions } from './protocol.js';
import { slotOrder } from './slot-order.js';

export interface LoadedModel {
  readonly model: LlamaModel;
  readonly context: LlamaContext;
  readonly wrapper: ChatWrapper;
  /** Tokens that end a reply by the chat template. */
  readonly endTokens: ReadonlySet<Token>;
  /** Differs wherever a saved state of one would be wrong for the other. */
  readonly stateKey: string;
  readonly info: EngineInfo;
}

/** Tokens of one batch; llama.cpp's own default. */
const BATCH_SIZE = 512;

/**
 * @param onProgress - told from 0 to 1, in steps of a hundredth at least
 * @throws {ExpectedFailure} where the file or the machine will not do
 */
export async function loadModel(
  options: LoadOptions,
  log: (level: 'warn' | 'error', message: string) => void,
  onProgress: (progress: number) => void = () => {},
): Promise<LoadedModel> {
  const startedAt = performance.now();
  // Most of the library's start is waiting for a process that tries its binary: the file is read meanwhile.
  const opening = openLlama(options.gpu, options.threads, log);
  opening.catch(() => undefined);
  const file = await checkGguf(options.path);
  for (const lora of options.lora) await checkLora(lora.path);
  const llama = await opening;
  const name = path.basename(options.path);
  try {
    let told = 0;
    const model = await llama.loadModel({
      modelPath: options.path,
      onLoadProgress: (progress) => {
        if (progress - told < 0.01) return;
        told = progress;
        onProgress(progress);
      },
    });
    const contextSize = Math.min(options.contextSize, model.trainContextSize);
    const context = await model.createContext({
      contextSize,
      sequences: options.slots,
      batchSize: Math.max(BATCH_SIZE, options.slots),
      threads: options.threads,
      batching: { itemPrioritizationStrategy: slotOrder },
      ...(options.lora.length === 0
        ? {}
        : { lora: { adapters: options.lora.map(({ path: filePath, scale }) => ({ filePath, scale })) } }),
    });
    const wrapper = chatWrapper(model);
    return {
      model,
      context,
      wrapper,
      endTokens: endTokens(wrapper, model),
      stateKey: JSON.stringify([
        await fingerprint(options.path),
        await Promise.all(options.lora.map(async (lora) => [await fingerprint(lora.path), lora.scale])),
        [context.contextSize, options.slots, llama.gpu, String(context.flashAttention)],
        [file.architecture, await getModuleVersion(), process.arch],
      ]),
      info: {
        pid: process.pid,
        contextSize: Math.min(contextSize, context.contextSize),
        slots: options.slots,
        threads: options.threads,
        gpu: llama.gpu,
        loadMs: performance.now() - startedAt,
      },
    };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const memory = /memory|vram/i.test(reason);
    throw new ExpectedFailure(
      'provider-rejected',
      memory
        ? `The model ${name} does not fit this machine's memory with ${options.slots} slots of ${options.contextSize} tokens: choose a smaller one, or fewer slots.`
        : `The model ${name} could not be loaded: ${reason}`,
      { cause },
    );
  }
}

async function openLlama(
  gpu: GpuChoice,
  threads: number,
  log: (level: 'warn' | 'error', message: string) => void,
): Promise<Llama> {
  const start = (choice: 'auto' | 'cuda' | 'vulkan' | 'metal' | false) =>
    getLlama({
      gpu: choice,
      // A build would fetch sources and take minutes, in the middle of somebody's question.
      build: 'never',
      skipDownload: true,
      progressLogs: false,
      maxThreads: threads,
      logLevel: LlamaLogLevel.error,
      logger: (level, message) => log(level === LlamaLogLevel.warn ? 'warn' : 'error', message.trim()),
    });
  if (gpu === 'off') return start(false);
  try {
    return await start(gpu);
  } catch (cause) {
    if (gpu === 'auto') return start(false);
    throw new ExpectedFailure(
      'setup',
      `This machine has no usable ${gpu}: set gpu to "auto" or "off", or install its driver.`,
      { cause },
    );
  }
}

/** The model's own template, read once: resolving it blocks the process for hundreds of milliseconds. */
function chatWrapper(model: LlamaModel): ChatWrapper {
  const template = model.fileInfo.metadata.tokenizer?.chat_template;
  if (template === undefined || template === '') return resolveChatWrapper(model);
  try {
    return new JinjaTemplateChatWrapper({
      template,
      tokenizer: model.tokenizer,
      functionCallMessageTemplate: 'noJinja',
    });
  } catch {
    return resolveChatWrapper(model, { noJinja: true, warningLogs: false });
  }
}

function endTokens(wrapper: ChatWrapper, model: LlamaModel): ReadonlySet<Token> {
  const state = wrapper.generateContextState({
    chatHistory: [
      { type: 'user', text: 'Hi' },
      { type: 'model', response: [] },
    ],
  });
  const first = state.stopGenerationTriggers.map((trigger) => trigger.tokenize(model.tokenizer)[0]);
  return new Set(first.filter((token): token is Token => token !== undefined && model.isSpecialToken(token)));
}

async function checkLora(file: string): Promise<void> {
  const found = await stat(file).catch(() => null);
  if (!found?.isFile()) {
    throw new ExpectedFailure('model-missing', `The LoRA file ${path.basename(file)} does not exist.`);
  }
}

/** Enough of a file to know it again: its size, time of change and first megabyte. */
async function fingerprint(file: string): Promise<string> {
  const handle = await open(file);
  try {
    const { size, mtimeMs } = await handle.stat();
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2 ** 20), 0, 2 ** 20, 0);
    return createHash('sha256')
      .update(`${size} ${mtimeMs} `)
      .update(buffer.subarray(0, bytesRead))
      .digest('hex');
  } finally {
    await handle.close();
  }
}
