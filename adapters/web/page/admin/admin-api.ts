/** What the admin API answers, as GET /api/openapi.json describes it. */
export interface Platforms {
  readonly platforms: readonly {
    readonly platform: 'discord' | 'slack';
    readonly lacks: string | null;
    readonly connections: readonly Connection[];
    readonly reach?: { readonly workspaces: number } | null;
    readonly missing?: readonly string[];
  }[];
}

export interface Connection {
  readonly process: string;
  readonly state: string;
  readonly detail: string;
}

export interface PlaceSettings {
  readonly model?: string;
  readonly persona?: string;
  readonly language?: string;
  readonly memory?: string;
  readonly follow_threads?: boolean;
  readonly limits?: { readonly turns_per_minute?: number; readonly tokens_per_day?: number };
}

export interface Place {
  readonly key: string;
  readonly platform: 'discord' | 'slack' | 'web';
  readonly workspace: string;
  readonly channel: string;
  readonly thread: string | null;
  readonly parent: string | null;
  readonly kind: 'channel' | 'thread' | 'direct';
  readonly first_used_at: string | null;
  /** What was set here. */
  readonly settings: PlaceSettings;
  /** What holds here. */
  readonly effective: PlaceSettings;
}

export interface Places {
  readonly places: readonly Place[];
  readonly earlier: number | null;
}

export interface Users {
  readonly limits: { readonly turns_per_minute: number | null; readonly tokens_per_day: number | null };
  readonly users: readonly User[];
  readonly next: string | null;
}

export interface User {
  readonly key: string;
  readonly name: string;
  readonly last_asked_at: string;
  readonly day: Used;
  readonly month: Used;
}

export interface Used {
  readonly turns: number;
  readonly tokens: number;
}

export type QueueState = 'waiting' | 'running' | 'failed';

export interface Queue {
  readonly counts: Readonly<Record<QueueState, number>>;
  readonly turns: readonly QueuedTurn[];
  readonly earlier: number | null;
}

export interface QueuedTurn {
  readonly turn_id: number;
  readonly state: QueueState;
  readonly place: string;
  readonly user: { readonly key: string; readonly name: string };
  readonly model: string | null;
  readonly attempt: number;
  readonly failure: { readonly kind: string; readonly message: string } | null;
  readonly text: string | null;
  readonly asked_at: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
}

/** What GET /api/options and GET /api/models let a place be set to. */
export interface Options {
  readonly personas: readonly { readonly name: string; readonly description: string | null }[];
  readonly languages: readonly { readonly code: string; readonly name: string }[];
}

export interface Models {
  readonly models: readonly { readonly alias: string; readonly description: string }[];
}

export type ModelAction = 'pull' | 'check' | 'load' | 'unload' | 'delete' | 'cancel';

export interface WorkerModels {
  /** Orders that no worker took or carried out, with what to do. */
  readonly not_taken?: readonly {
    readonly worker: string;
    readonly alias: string;
    readonly action: ModelAction;
    readonly problem: string;
  }[];
  readonly workers: readonly {
    readonly worker: string;
    readonly started_at: string;
    readonly models: readonly WorkerModel[];
  }[];
}

export interface WorkerModel {
  readonly alias: string;
  readonly description: string;
  readonly runs: 'local' | 'hosted';
  readonly state: 'missing' | 'pulling' | 'on-disk' | 'loading' | 'loaded' | 'failed' | 'hosted';
  readonly size_bytes: number | null;
  readonly context_window: number | null;
  /** 0 to 1; null where nothing goes on, or it cannot be told how far it is. */
  readonly progress: number | null;
  readonly problem: string | null;
  readonly checked: { readonly at: string; readonly ok: boolean; readonly problem: string | null } | null;
  /** The order being carried out, and one that waits. */
  readonly doing: ModelAction | null;
  readonly ordered: ModelAction | null;
  readonly deletable: boolean;
  readonly served: boolean;
}

export interface Keys {
  readonly keys: readonly Key[];
}

export interface Key {
  readonly id: number;
  readonly name: string;
  /** How it begins. */
  readonly shown: string;
  readonly created_at: string;
  readonly last_used_at: string | null;
  readonly revoked_at: string | null;
  readonly limits: { readonly turns_per_minute: number | null; readonly tokens_per_day: number | null };
}

export type LogExportState = 'off' | 'ok' | 'failing' | 'waiting';

export interface LogExport {
  /** Every worker that posts logs. */
  readonly processes: readonly {
    readonly process: string;
    readonly state: LogExportState;
    readonly origin: string | null;
    readonly last_success_at: string | null;
    readonly last_failure: { readonly at: string; readonly reason: string } | null;
  }[];
}
