-- CreateTable
CREATE TABLE "numbers_day" (
    "day" DATE NOT NULL,
    "rolled_up_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "numbers_day_pkey" PRIMARY KEY ("day")
);

-- CreateTable
CREATE TABLE "numbers_due" (
    "id" SERIAL NOT NULL,
    "day" DATE NOT NULL,

    CONSTRAINT "numbers_due_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "numbers_turns" (
    "day" DATE NOT NULL,
    "platform" TEXT NOT NULL,
    "model" TEXT NOT NULL,
    "persona" TEXT NOT NULL,
    "outcome" TEXT NOT NULL,
    "turns" INTEGER NOT NULL,
    "prompt_tokens" BIGINT NOT NULL,
    "cached_tokens" BIGINT NOT NULL,
    "reply_tokens" BIGINT NOT NULL,
    "replaced_tokens" BIGINT NOT NULL,
    "timed_tokens" BIGINT NOT NULL,
    "timed_ms" DOUBLE PRECISION NOT NULL,
    "up" INTEGER NOT NULL,
    "down" INTEGER NOT NULL,

    CONSTRAINT "numbers_turns_pkey" PRIMARY KEY ("day","platform","model","persona","outcome")
);

-- CreateTable
CREATE TABLE "numbers_people" (
    "day" DATE NOT NULL,
    "platform" TEXT NOT NULL,
    "model" TEXT NOT NULL,
    "users" INTEGER NOT NULL,
    "conversations" INTEGER NOT NULL,

    CONSTRAINT "numbers_people_pkey" PRIMARY KEY ("platform","model","day")
);

-- CreateTable
CREATE TABLE "numbers_spread" (
    "day" DATE NOT NULL,
    "platform" TEXT NOT NULL,
    "model" TEXT NOT NULL,
    "measure" TEXT NOT NULL,
    "bucket" INTEGER NOT NULL,
    "amount" INTEGER NOT NULL,

    CONSTRAINT "numbers_spread_pkey" PRIMARY KEY ("platform","model","day","measure","bucket")
);

-- CreateIndex
CREATE INDEX "numbers_due_day_idx" ON "numbers_due"("day");

-- The turns of a day. Not on created_at itself: the planner would take that index where the one on author and time
-- reads far less.
CREATE INDEX "turn_day_idx" ON "turn" (((created_at AT TIME ZONE 'UTC')::date));

-- A turn that ends, or ends again, after its day: what was added up of that day is out of date.
CREATE FUNCTION numbers_turn_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO public.numbers_due (day) VALUES ((NEW.created_at AT TIME ZONE 'UTC')::date);
  RETURN NULL;
END $$;

CREATE TRIGGER numbers_turn_ended AFTER UPDATE OF finished_at ON "turn" FOR EACH ROW
WHEN (NEW.finished_at IS NOT NULL AND OLD.finished_at IS DISTINCT FROM NEW.finished_at
      AND (NEW.created_at AT TIME ZONE 'UTC')::date < (clock_timestamp() AT TIME ZONE 'UTC')::date)
EXECUTE FUNCTION numbers_turn_ended();

-- A vote on a turn of an earlier day, changed or taken back.
CREATE FUNCTION numbers_voted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO public.numbers_due (day)
  SELECT (created_at AT TIME ZONE 'UTC')::date FROM public.turn
  WHERE id = CASE TG_OP WHEN 'DELETE' THEN OLD.turn_id ELSE NEW.turn_id END
    AND (created_at AT TIME ZONE 'UTC')::date < (clock_timestamp() AT TIME ZONE 'UTC')::date;
  RETURN NULL;
END $$;

CREATE TRIGGER numbers_voted AFTER INSERT OR UPDATE OF vote OR DELETE ON "vote" FOR EACH ROW
EXECUTE FUNCTION numbers_voted();
