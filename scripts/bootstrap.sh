#!/usr/bin/env bash
# Create or refresh a virtual environment from a hash-pinned lock.
#
#   scripts/bootstrap.sh DIRECTORY LOCK
#
# Needs nothing but a shell and Python 3.11 or newer. PYTHON names the interpreter to use; without it the first good
# one is taken. The fast installer (uv) comes from requirements/tools.txt; if it cannot work here, pip does the job.
set -euo pipefail

directory=$1
lock=$2
root=$(cd "$(dirname "$0")/.." && pwd)
main_environment="$root/.venv"

fail() {
    printf 'setup: %s\n' "$@" >&2
    exit 1
}

is_usable() { # interpreter, what it must be able to do after `import sys`
    "$1" -c "import sys$2; sys.exit(sys.version_info < (3, 11))" >/dev/null 2>&1
}

# A bin/python that is a link to the machine's own Python is no environment: installing there would change the machine.
is_environment() {
    [[ -f $directory/pyvenv.cfg ]] && is_usable "$directory/bin/python" "; assert sys.prefix != sys.base_prefix"
}

find_python() {
    local candidate candidates=(python3 python3.13 python3.12 python3.11)
    [[ -z ${PYTHON:-} ]] || candidates=("$PYTHON")
    for candidate in "${candidates[@]}"; do
        if is_usable "$candidate" ", ensurepip, venv"; then
            "$candidate" -c 'import sys; print(sys.executable)'
            return
        fi
    done
}

is_debian_root() {
    [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null
}

# A Python without venv needs one more system package; no Python at all needs three.
install_python() {
    [[ -z ${PYTHON:-} ]] && is_debian_root || return 0
    echo "setup: installing the system packages python3 and python3-venv" >&2
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq && apt-get install -y -qq --no-install-recommends ca-certificates python3 python3-venv >&2
}

explain_missing_python() {
    local found
    found=$("${PYTHON:-python3}" -c 'import platform; print(platform.python_version())' 2>/dev/null || echo none)
    fail "Python 3.11 or newer with the modules venv and ensurepip is needed; ${PYTHON:-python3} here is: $found." \
        "On Debian or Ubuntu: apt-get install python3 python3-venv" \
        "Or name an interpreter: make PYTHON=/path/to/python3.11" \
        "Python 3.11 이상과 venv 모듈이 필요합니다. Debian/Ubuntu: apt-get install python3 python3-venv"
}

create_environment() {
    local python
    [[ ! -e $directory || -f $directory/pyvenv.cfg ]] || fail "$directory is no virtual environment; move it away."
    python=$(find_python)
    if [[ -z $python ]]; then
        install_python
        python=$(find_python)
    fi
    [[ -n $python ]] || explain_missing_python
    echo "setup: creating $directory with $("$python" -V)" >&2
    rm -rf "$directory"
    "$python" -m venv "$directory"
}

# The installer lives in the main environment and serves the others.
provide_uv() {
    [[ -x $main_environment/bin/uv ]] && return 0
    [[ $directory -ef $main_environment ]] || return 0
    "$directory/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes \
        --requirement "$root/requirements/tools.txt"
}

install_lock() {
    local uv="$main_environment/bin/uv"
    if [[ -x $uv ]] && UV_SYSTEM_CERTS=1 UV_NO_CONFIG=1 UV_COMPILE_BYTECODE=1 VIRTUAL_ENV='' "$uv" pip install --quiet \
        --python "$directory/bin/python" --require-hashes --requirement "$lock"; then
        return
    fi
    echo "setup: installing $lock with pip" >&2
    "$directory/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --requirement "$lock"
}

is_environment || create_environment
provide_uv
install_lock
