-- CreateTable
CREATE TABLE "conversation" (
    "id" SERIAL NOT NULL,
    "key" TEXT NOT NULL,
    "platform" TEXT NOT NULL,
    "app" TEXT NOT NULL,
    "workspace" TEXT NOT NULL,
    "channel" TEXT NOT NULL,
    "thread" TEXT,
    "parent" TEXT,
    "kind" TEXT NOT NULL,
    "window_start" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "conversation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "message" (
    "id" SERIAL NOT NULL,
    "key" TEXT NOT NULL,
    "platform" TEXT NOT NULL,
    "channel" TEXT NOT NULL,
    "platform_message_id" TEXT,
    "author_key" TEXT NOT NULL,
    "author_id" TEXT NOT NULL,
    "author_name" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "quoted_author" TEXT,
    "quoted_text" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "message_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "turn" (
    "id" SERIAL NOT NULL,
    "conversation_id" INTEGER NOT NULL,
    "message_id" INTEGER NOT NULL,
    "author_key" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'pending',
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "revision" INTEGER NOT NULL DEFAULT 0,
    "lease_owner" TEXT,
    "lease_until" TIMESTAMPTZ(3),
    "stop_requested" BOOLEAN NOT NULL DEFAULT false,
    "forgotten" BOOLEAN NOT NULL DEFAULT false,
    "asked_model" TEXT,
    "asked_sampling" JSONB NOT NULL DEFAULT '{}',
    "target" JSONB NOT NULL,
    "reply" TEXT NOT NULL DEFAULT '',
    "model" TEXT,
    "sampling" JSONB,
    "finish_reason" TEXT,
    "failure_kind" TEXT,
    "notice" TEXT,
    "prompt_tokens" INTEGER NOT NULL DEFAULT 0,
    "cached_tokens" INTEGER NOT NULL DEFAULT 0,
    "reply_tokens" INTEGER NOT NULL DEFAULT 0,
    "time_to_first_token_ms" DOUBLE PRECISION,
    "tokens_per_second" DOUBLE PRECISION,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),
    "exported_at" TIMESTAMPTZ(3),

    CONSTRAINT "turn_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "part" (
    "turn_id" INTEGER NOT NULL,
    "index" INTEGER NOT NULL,
    "platform" TEXT NOT NULL,
    "message_id" TEXT NOT NULL,

    CONSTRAINT "part_pkey" PRIMARY KEY ("turn_id","index")
);

-- CreateTable
CREATE TABLE "vote" (
    "turn_id" INTEGER NOT NULL,
    "author_key" TEXT NOT NULL,
    "vote" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "vote_pkey" PRIMARY KEY ("turn_id","author_key")
);

-- CreateTable
CREATE TABLE "place_settings" (
    "key" TEXT NOT NULL,
    "settings" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "place_settings_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "fact" (
    "key" TEXT NOT NULL,
    "value" TEXT NOT NULL,

    CONSTRAINT "fact_pkey" PRIMARY KEY ("key")
);

-- CreateIndex
CREATE UNIQUE INDEX "conversation_key_key" ON "conversation"("key");

-- CreateIndex
CREATE INDEX "conversation_platform_channel_thread_idx" ON "conversation"("platform", "channel", "thread");

-- CreateIndex
CREATE UNIQUE INDEX "message_key_key" ON "message"("key");

-- CreateIndex
CREATE INDEX "message_platform_channel_platform_message_id_idx" ON "message"("platform", "channel", "platform_message_id");

-- CreateIndex
CREATE INDEX "message_author_key_idx" ON "message"("author_key");

-- CreateIndex
CREATE UNIQUE INDEX "turn_message_id_key" ON "turn"("message_id");

-- CreateIndex
CREATE INDEX "turn_conversation_id_state_id_idx" ON "turn"("conversation_id", "state", "id");

-- CreateIndex
CREATE INDEX "turn_conversation_id_id_idx" ON "turn"("conversation_id", "id");

-- CreateIndex
CREATE INDEX "turn_author_key_created_at_idx" ON "turn"("author_key", "created_at");

-- CreateIndex
CREATE INDEX "turn_state_lease_until_idx" ON "turn"("state", "lease_until");

-- CreateIndex
CREATE INDEX "turn_exported_at_id_idx" ON "turn"("exported_at", "id");

-- CreateIndex
CREATE INDEX "part_platform_message_id_idx" ON "part"("platform", "message_id");

-- CreateIndex
CREATE INDEX "vote_author_key_idx" ON "vote"("author_key");

-- AddForeignKey
ALTER TABLE "turn" ADD CONSTRAINT "turn_conversation_id_fkey" FOREIGN KEY ("conversation_id") REFERENCES "conversation"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "turn" ADD CONSTRAINT "turn_message_id_fkey" FOREIGN KEY ("message_id") REFERENCES "message"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "part" ADD CONSTRAINT "part_turn_id_fkey" FOREIGN KEY ("turn_id") REFERENCES "turn"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "vote" ADD CONSTRAINT "vote_turn_id_fkey" FOREIGN KEY ("turn_id") REFERENCES "turn"("id") ON DELETE CASCADE ON UPDATE CASCADE;
