// npm run check-migrations: fails where prisma/schema.prisma was changed without a migration.
import { schemaDiff } from './schema-diff.mjs';

const sql = await schemaDiff();
if (sql === null) console.log('The migrations and prisma/schema.prisma agree.');
else
  console.error(
    `prisma/schema.prisma has changes that no migration makes (npm run migration -- NAME):\n${sql}`,
  );
process.exit(sql === null ? 0 : 1);
