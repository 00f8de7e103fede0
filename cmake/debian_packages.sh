# Shared by cli/demo.sh and tests/run.sh: what they need from the system. To be sourced.

# install_missing PACKAGE..: installs those Debian packages that are not there; touches nothing if
# all are.
install_missing() {
  local missing=() package as_root=()
  command -v dpkg-query > /dev/null || {
    echo "This system has no Debian packages; install by hand: $*" >&2
    return 0
  }
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2> /dev/null | grep -q 'install ok installed' ||
      missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  echo "Installing: ${missing[*]}" >&2
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo > /dev/null || {
      echo "Neither root nor sudo: have these packages installed: ${missing[*]}" >&2
      return 1
    }
    as_root=(sudo)
  fi
  "${as_root[@]}" apt-get update -qq &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
      --no-install-recommends "${missing[@]}" > /dev/null
}

BUILD_PACKAGES=(g++ cmake ninja-build ccache git libeigen3-dev libcli11-dev nlohmann-json3-dev
  zlib1g-dev libxxhash-dev)

# configure BUILD_DIR OPTION..: Ninja where it is installed, else make. A folder that was configured
# before keeps its generator.
configure() {
  local folder=$1 generator=()
  shift
  if [ ! -e "$folder/CMakeCache.txt" ] && command -v ninja > /dev/null; then generator=(-G Ninja); fi
  cmake -S . -B "$folder" "${generator[@]}" "$@"
}
