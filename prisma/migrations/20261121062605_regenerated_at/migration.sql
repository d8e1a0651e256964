-- AlterTable
ALTER TABLE "turn" ADD COLUMN     "regenerated_at" TIMESTAMPTZ(3)[] DEFAULT ARRAY[]::TIMESTAMPTZ(3)[];
