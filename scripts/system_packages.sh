#!/usr/bin/env bash
# Provide the system programs that some tests compare with: as root on Debian they are installed, elsewhere named.
#
#   scripts/system_packages.sh PROGRAM=PACKAGE ...
#
# A path instead of a program, such as that of a font, has to exist.
set -euo pipefail

missing=()
for pair in "$@"; do
    [[ -e ${pair%%=*} ]] || command -v "${pair%%=*}" >/dev/null || missing+=("${pair#*=}")
done
[[ ${#missing[@]} -gt 0 ]] || exit 0

if [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
    echo "setup: installing the system packages ${missing[*]}" >&2
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
else
    echo "setup: tests that need these system packages are skipped: ${missing[*]}" >&2
    echo "setup: on Debian or Ubuntu: apt-get install ${missing[*]}" >&2
fi
