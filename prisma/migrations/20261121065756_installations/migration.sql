-- CreateTable
CREATE TABLE "installation" (
    "platform" TEXT NOT NULL,
    "app" TEXT NOT NULL,
    "workspace" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "token" TEXT NOT NULL,
    "details" JSONB NOT NULL,
    "installed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "installation_pkey" PRIMARY KEY ("platform","app","workspace")
);
