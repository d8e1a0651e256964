import type { LogExportReport } from '../../domain/log-export-report.js';
import type { WorkerReport } from '../../domain/models/model-report.js';
import type { ModelOrders } from '../models/model-orders.js';
import type { PlatformReports } from './platform-reports.js';
import type { ProcessReports } from './process-reports.js';

/** All that processes say of themselves to administrators, and are told by them. */
export interface Reports {
  readonly platforms: PlatformReports;
  /** By worker. */
  readonly workers: ProcessReports<WorkerReport>;
  readonly orders: ModelOrders;
  /** Of processes that post logs. */
  readonly logExports: ProcessReports<LogExportReport>;
  stop(): Promise<void>;
}
