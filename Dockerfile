# Build: docker build --build-arg WOLKVOX_EXPORTER_REVISION="$(git rev-parse --short=12 HEAD)" -t wolkvox_exporter .
# Try:   docker run --rm -p 9909:9909 wolkvox_exporter demo

# The same Debian release as the final image: the program is linked to its glibc.
FROM rust:1.95.0-slim-bookworm AS build
WORKDIR /build
COPY Cargo.toml Cargo.lock build.rs ./
COPY src ./src
COPY crates ./crates
# Named in Cargo.toml, though not built.
COPY benches ./benches
# The commit, for wolkvox_exporter_build_info. It is an argument because the folder of git is not copied.
ARG WOLKVOX_EXPORTER_REVISION=
# Downloaded crates and compiled code stay on the building machine between builds: a change of the code compiles only the
# crates of this project. The files that cargo starts from are touched because cargo compares file times: without that, it
# would not compile files that are older than the output that another checkout left in the cache.
# With the default features, so with the simulator: compose.yaml runs `demo` and `history` from this image.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target \
    touch build.rs src/lib.rs src/main.rs crates/*/src/lib.rs \
    && cargo build --profile dist --locked --bin wolkvox_exporter \
    && cp target/dist/wolkvox_exporter /wolkvox_exporter \
    && mkdir /data

# glibc and the CA certificates, no shell, no package manager.
FROM gcr.io/distroless/cc-debian12:nonroot
LABEL org.opencontainers.image.title="wolkvox_exporter" \
      org.opencontainers.image.description="Prometheus exporter for wolkvox, the contact-centre cloud" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="0.1.0"
COPY LICENSE /LICENSE
COPY --from=build /wolkvox_exporter /wolkvox_exporter
# A new volume that is mounted here belongs to the exporter's user.
COPY --from=build --chown=65532:65532 /data /data
# As a number, so that Kubernetes can see that it is not root; it is distroless's user nonroot.
USER 65532:65532
# One pool of memory for all threads: what one frees, another can take.
ENV MALLOC_ARENA_MAX=1
# Blocks of 128 KiB and more go back to the system when they are freed. Without this, glibc raises the limit to the
# largest block that was freed, and keeps what is below it.
ENV MALLOC_MMAP_THRESHOLD_=131072
EXPOSE 9909
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD ["/wolkvox_exporter", "healthcheck"]
ENTRYPOINT ["/wolkvox_exporter"]
