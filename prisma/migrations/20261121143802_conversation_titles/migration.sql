-- AlterTable
ALTER TABLE "conversation" ADD COLUMN     "title" TEXT,
ADD COLUMN     "unlisted_to" INTEGER NOT NULL DEFAULT 0;
