# Tollgate alone: Envoy comes from its own image (docker-compose.yml shows both).
FROM node:22-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build && npm prune --omit=dev --no-audit --no-fund

FROM node:22-slim
ENV NODE_ENV=production \
    TOLLGATE_LISTEN=0.0.0.0:50051 \
    TOLLGATE_ADMIN=0.0.0.0:9902 \
    TOLLGATE_DATA_DIR=/data
# What outlives a container is a volume's: mount one, since what the database has not taken yet waits there. With several
# containers set TOLLGATE_REASONING_KEY and DATABASE_URL too.
RUN install -d -o node -g node -m 700 /data
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
USER node
EXPOSE 50051 9902
HEALTHCHECK --interval=5s --timeout=2s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9902/healthz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
CMD ["node", "--no-concurrent-array-buffer-sweeping", "dist/main.js"]
