-- AlterTable
ALTER TABLE "turn" ADD COLUMN     "trace" TEXT;
