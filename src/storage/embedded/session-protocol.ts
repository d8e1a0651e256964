/** How the PGlite thread is started. */
export interface SessionOptions {
  /** The database's own folder; made if missing. Null keeps all in memory, for tests. */
  readonly folder: string | null;
  /** Write with fsync, so that a power cut loses nothing acknowledged. */
  readonly durable: boolean;
  /** Dump of a data folder to start from, where nothing exists yet. */
  readonly dump: Uint8Array | null;
}

export type SessionRequest =
  | { readonly type: 'execute'; readonly id: number; readonly bytes: Uint8Array }
  | { readonly type: 'dump'; readonly id: number }
  | { readonly type: 'close'; readonly id: number };

export type SessionReply =
  | { readonly type: 'ready' }
  | { readonly type: 'bytes'; readonly id: number; readonly bytes: Uint8Array }
  | { readonly type: 'failed'; readonly id: number; readonly message: string };
