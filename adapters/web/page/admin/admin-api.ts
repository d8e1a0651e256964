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

interface Used {
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
