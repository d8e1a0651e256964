import type { AdminModels, LogExport, Place, Platforms, Queue, Users } from '../api/api-types.js';

/** Parts of what the admin API answers, where its document has no name for them. */
export type Connection = Platforms['platforms'][number]['connections'][number];
export type PlaceSettings = Place['settings'];
export type User = Users['users'][number];
export type Used = User['day'];
export type QueuedTurn = Queue['turns'][number];
export type QueueState = QueuedTurn['state'];
export type ModelAction = AdminModels['not_taken'][number]['action'];
export type LogExportState = LogExport['state'];
