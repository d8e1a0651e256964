-- AlterTable
ALTER TABLE "turn" ADD COLUMN     "replaced_tokens" INTEGER NOT NULL DEFAULT 0;
