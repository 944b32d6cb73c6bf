# Interline in a container. Untested: the image has never been built. The publish command and the program's refusal to start without a
# key were tried outside a container.
#
#   docker build -t interline .
#   docker run -p 4000:4000 -e INTERLINE_MASTER_KEY=sk-… -e OPENAI_API_KEY=… interline
#   docker run -p 4000:4000 -e INTERLINE_MASTER_KEY=sk-… -v ./config.yaml:/etc/interline/config.yaml:ro interline --config /etc/interline/config.yaml
#
# Another place for the base images: --build-arg DOTNET_IMAGES=registry.example/dotnet
ARG DOTNET_IMAGES=mcr.microsoft.com/dotnet

FROM ${DOTNET_IMAGES}/sdk:10.0 AS build
WORKDIR /source
COPY . .
# Locked: a package that is not the one in packages.lock.json stops the build.
RUN dotnet publish src/Interline.Cli/Interline.Cli.csproj -c Release -o /app --nologo -p:RestoreLockedMode=true -p:UseAppHost=false

FROM ${DOTNET_IMAGES}/aspnet:10.0
WORKDIR /app
COPY --from=build /app .
# The base image sets DOTNET_RUNNING_IN_CONTAINER: so Interline binds 0.0.0.0 and refuses to start without a key from outside.
# APP_UID is its user without rights; with a key from outside Interline writes no file.
USER $APP_UID
EXPOSE 4000
# No HEALTHCHECK: nothing here promises a tool in the base image that could ask. Ask from outside: GET /health/liveliness, no key needed.
# As in ./run: hot code is compiled in full at once.
ENV DOTNET_TC_CallCountingDelayMs=0
ENTRYPOINT ["dotnet", "Interline.Cli.dll"]
CMD ["--port", "4000"]
