/** Small facts that outlive a process: the hash of the commands registered, a signing key. */
export interface KeyValueStore {
  get(key: string): Promise<string | null>;
  set(key: string, value: string): Promise<void>;
}
