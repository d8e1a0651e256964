import { defineConfig } from 'prisma/config';

// The address is given at run time: src/storage opens PGlite or PostgreSQL and hands Prisma a pool.
// biome-ignore lint/style/noDefaultExport: Prisma reads the default export
export default defineConfig({ schema: 'prisma/schema.prisma', migrations: { path: 'prisma/migrations' } });
