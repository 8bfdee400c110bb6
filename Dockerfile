# Parley in a container. The set-up is the one that npm start does: scripts/bootstrap.
FROM node:24-bookworm-slim AS base
ENV PARLEY_CACHE_DIR=/var/cache/parley
WORKDIR /app

FROM base AS build
# What takes long comes first, and depends on as little as possible: it is built anew when these change.
COPY package.json package-lock.json .npmrc ./
COPY scripts/bootstrap scripts/bootstrap
RUN node scripts/bootstrap/run.mjs media-worker \
  && install -D "$PARLEY_CACHE_DIR"/media-worker/*/mediasoup-worker /out/mediasoup-worker
COPY . .
RUN node scripts/bootstrap/run.mjs build \
  && npm prune --omit=dev --ignore-scripts

FROM base
COPY package.json package-lock.json ./
COPY scripts/bootstrap scripts/bootstrap
# A worker that was built, not downloaded, uses the system's OpenSSL.
RUN node scripts/bootstrap/run.mjs engines \
  && apt-get install -y --no-install-recommends libssl3 \
  && rm -rf /var/lib/apt/lists/* "$PARLEY_CACHE_DIR"
COPY --from=build /out/mediasoup-worker /usr/local/bin/mediasoup-worker
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY shared shared
COPY server server
COPY scripts/migrate.ts scripts/

ENV NODE_ENV=production \
  HOST=0.0.0.0 \
  PORT=3000 \
  RTC_PORT=40000 \
  DATA_DIR=/data \
  MEDIASOUP_WORKER_BIN=/usr/local/bin/mediasoup-worker
RUN install -d -o node -g node /data
VOLUME /data
EXPOSE 3000 40000-40003/udp 40000-40003/tcp
USER node
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Not by npm: the process gets its signals itself.
CMD ["node", "server/main.ts"]
