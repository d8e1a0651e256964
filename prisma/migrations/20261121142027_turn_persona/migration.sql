-- AlterTable
ALTER TABLE "turn" ADD COLUMN     "first_text_ms" DOUBLE PRECISION,
ADD COLUMN     "persona" TEXT;

-- AlterTable
ALTER TABLE "vote" ADD COLUMN     "comment" TEXT;
