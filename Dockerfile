# syntax=docker/dockerfile:1
# docker build -t parley .                  runs models on the CPU, and hosted ones
# docker build -t parley:gpu --target gpu . runs models on an NVIDIA GPU too (CUDA 13; a driver of the series 580 or newer)

ARG NODE_IMAGE=node:20.20.2-bookworm-slim@sha256:2cf067cfed83d5ea958367df9f966191a942351a2df77d6f0193e162b5febfc0
ARG CUDA_IMAGE=nvidia/cuda:13.0.2-runtime-ubuntu24.04

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
# No dependency needs a script of its own to run.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build && npm prune --omit=dev --ignore-scripts --no-audit --no-fund
# Prisma's tools come along as peers of its client: 240 MB that nothing here loads.
RUN cd node_modules && rm -rf prisma typescript @typescript effect react-dom elkjs @visx remeda \
    && cd @prisma && rm -rf config dev engines engines-version fetch-engine get-platform query-plan-executor \
      streams-local studio-core
# What runs, and nothing else; owned by root, so that a process of Parley's cannot change it.
RUN mkdir -p /image/app/prisma /image/data/models \
    && mv dist node_modules package.json LICENSE /image/app/ \
    && mv prisma/migrations /image/app/prisma/ \
    && mkdir /image/app/deploy && mv deploy/check-health.mjs /image/app/deploy/ \
    && chown -R 1000:1000 /image/data && chmod -R 700 /image/data

# Libraries for GPUs are most of the size.
FROM build AS build-cpu
RUN rm -rf /image/app/node_modules/@node-llama-cpp/*-cuda* /image/app/node_modules/@node-llama-cpp/*-vulkan

FROM ${CUDA_IMAGE} AS gpu
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=build /image/ /
ENV NODE_ENV=production PARLEY_DATA_DIR=/data PARLEY_PORT=3000
WORKDIR /app
USER 1000:1000
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s CMD ["node", "/app/deploy/check-health.mjs"]
ENTRYPOINT ["node", "/app/dist/src/main.js"]
CMD ["start"]

FROM ${NODE_IMAGE} AS cpu
COPY --from=build-cpu /image/ /
ENV NODE_ENV=production PARLEY_DATA_DIR=/data PARLEY_PORT=3000
WORKDIR /app
USER 1000:1000
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s CMD ["node", "/app/deploy/check-health.mjs"]
ENTRYPOINT ["node", "/app/dist/src/main.js"]
CMD ["start"]
