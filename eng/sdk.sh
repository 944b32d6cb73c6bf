# Shared by ./run, ./test and bench/run: the SDK, and what is stale.

need_sdk() {
  if command -v dotnet >/dev/null 2>&1 && dotnet --list-sdks 2>/dev/null | grep -q '^10\.'; then
    return
  fi
  if [ -r /etc/os-release ]; then . /etc/os-release; fi
  echo "Interline needs the .NET SDK 10. Install it, then run this again:" >&2
  case "${ID:-}:${ID_LIKE:-}" in
    ubuntu:*)           echo "  sudo apt-get update && sudo apt-get install -y dotnet-sdk-10.0" >&2 ;;
    debian:*|*:*debian*) echo "  add Microsoft's package feed for ${PRETTY_NAME:-Debian} (https://learn.microsoft.com/dotnet/core/install/linux-debian), then: sudo apt-get install -y dotnet-sdk-10.0" >&2 ;;
    fedora:*|rhel:*|*:*rhel*|*:*fedora*) echo "  sudo dnf install -y dotnet-sdk-10.0" >&2 ;;
    alpine:*)           echo "  apk add dotnet10-sdk" >&2 ;;
    arch:*|*:*arch*)    echo "  sudo pacman -S dotnet-sdk aspnet-runtime" >&2 ;;
    *) if [ "$(uname)" = Darwin ]; then echo "  brew install dotnet@10" >&2; else echo "  see https://dotnet.microsoft.com/download/dotnet/10.0" >&2; fi ;;
  esac
  exit 1
}

# Whether a built file is missing or older than any source it is built from. A plain `dotnet build` would find out too, in seconds instead of milliseconds.
stale() {
  [ ! -e "$1" ] || [ -n "$(find "$root/src" "$root/catalog" "$root/eng" "$root"/*.props "$root/global.json" -newer "$1" -not -name '*.md' -not -name '*.py' -not -path '*/__pycache__*' -print -quit)" ]
}

build() {
  dotnet build "$1" -c Release --nologo -v quiet -clp:NoSummary
  # An up-to-date build leaves the file's time alone; without this it would count as stale for ever.
  touch "$program"
}
