# Dockerfile: a runner in a container
#
#   docker build -t tiltlab .
#   docker run --network host --volume tiltlab:/runs tiltlab                      # on the processor
#   docker run --network host --volume tiltlab:/runs --gpus all tiltlab           # NVIDIA, with its container toolkit
#   docker run --network host --volume tiltlab:/runs --device /dev/dri tiltlab    # Intel and AMD
#
# The runner listens on 127.0.0.1 and answers to that name alone, so the container shares the network of the machine (Linux).

FROM node:20-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build && npm pack --ignore-scripts --pack-destination /package

FROM node:20-bookworm-slim
# The Vulkan loader, and Mesa's drivers for those cards that bring none of their own.
RUN apt-get update && apt-get install --yes --no-install-recommends libvulkan1 mesa-vulkan-drivers && rm -rf /var/lib/apt/lists/*
ENV NVIDIA_DRIVER_CAPABILITIES=compute,graphics,utility NODE_ENV=production
COPY --from=build /package/*.tgz /tmp/
RUN npm install --global --onnxruntime-node-install=skip /tmp/tiltlab-*.tgz && rm /tmp/tiltlab-*.tgz && npm cache clean --force \
  && mkdir /runs && chown node:node /runs
USER node
WORKDIR /runs
VOLUME /runs
STOPSIGNAL SIGTERM
# Runs may take ten seconds to save: docker stop --time 20
ENTRYPOINT ["tiltlab"]
CMD ["serve", "--runs", "/runs", "--log", "json"]
