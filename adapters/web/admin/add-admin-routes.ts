import type { OpenAPIHono } from '@hono/zod-openapi';
import { type AdminKeyDependencies, addAdminKeyRoutes } from './admin-key-routes.js';
import { type AdminLogExportDependencies, addAdminLogExportRoutes } from './admin-log-export-routes.js';
import { type AdminModelDependencies, addAdminModelRoutes } from './admin-model-routes.js';
import { type AdminPlaceDependencies, addAdminPlaceRoutes } from './admin-place-routes.js';
import { type AdminPlatformDependencies, addAdminPlatformRoutes } from './admin-platform-routes.js';
import { type AdminTurnDependencies, addAdminTurnRoutes } from './admin-turn-routes.js';
import { type AdminUserDependencies, addAdminUserRoutes } from './admin-user-routes.js';

export type Administration = AdminKeyDependencies &
  AdminPlatformDependencies &
  AdminModelDependencies &
  AdminLogExportDependencies &
  AdminPlaceDependencies &
  AdminTurnDependencies &
  AdminUserDependencies;

/** All that an administrator sees and changes. Who may call them is checked before. */
export function addAdminRoutes(app: OpenAPIHono, administration: Administration): void {
  addAdminPlatformRoutes(app, administration);
  addAdminPlaceRoutes(app, administration);
  addAdminUserRoutes(app, administration);
  addAdminTurnRoutes(app, administration);
  addAdminModelRoutes(app, administration);
  addAdminLogExportRoutes(app, administration);
  addAdminKeyRoutes(app, administration);
}
