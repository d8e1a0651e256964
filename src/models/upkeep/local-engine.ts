/** What upkeep needs of the engines that run local models in this process. */
export interface LocalEngine {
  state(model: string): 'ready' | 'loading' | 'idle';
  /** Tokens of a model that runs. */
  info(model: string): { readonly contextSize: number } | null;
  /** 0 to 1; null where it is not being loaded, or that is not known. */
  loadProgress(model: string): number | null;
  /** Replies being written, and other uses. */
  uses(model: string): number;
  load(model: string, signal?: AbortSignal): Promise<unknown>;
  /** Frees a model; who asks it next waits for `afterwards`, whose error is thrown. */
  unload(model: string, afterwards?: () => Promise<void>): Promise<void>;
}
