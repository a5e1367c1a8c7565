#!/bin/sh
# Make .venv from requirements/dev.lock, with the project in it. Needs Python 3.11 and nothing else; quiet unless something fails.
set -eu
cd "$(dirname "$0")/.."

stop() {
    echo "error: $1" >&2
    exit 1
}

find_python() {
    for candidate in "${PYTHON:-}" python3.11 python3 python; do
        [ -n "$candidate" ] || continue
        version=$("$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
        if [ "$version" = 3.11 ]; then
            echo "$candidate"
            return
        fi
    done
}

lock=requirements/dev.lock
log=$(mktemp)
trap 'rm -f "$log"' EXIT
run() {
    "$@" >"$log" 2>&1
}
stop_with_log() {
    cat "$log" >&2
    stop "$1"
}

python=$(find_python)
[ -n "$python" ] || stop "Python 3.11 is needed and was not found: install it (Debian 12: apt-get install python3 python3-venv) or name it with PYTHON=<path>."

echo "Setting up .venv from requirements/dev.lock (once, a minute or two) ..."
if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
    rm -rf .venv
    run "$python" -m venv .venv || run "$python" -m virtualenv .venv ||
        stop "$python cannot make a virtual environment: install its venv module (Debian: apt-get install python3-venv)."
fi

# uv itself comes from the lock file too, by its hash
if ! .venv/bin/uv --version >/dev/null 2>&1; then
    awk '/^uv==/ {wanted = 1} /^[a-z]/ && !/^uv==/ {wanted = 0} wanted' "$lock" >"$log.uv"
    run .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$log.uv" ||
        stop_with_log "uv could not be installed: see above (is a package index reachable?)."
    rm -f "$log.uv"
fi
sync() {
    run .venv/bin/uv pip sync --quiet --compile-bytecode --require-hashes --python .venv/bin/python "$lock"
}
# once more: an index may fail once
sync || sync || stop_with_log "the packages of $lock could not be installed: see above."

# the project itself, as it stands here: importable wherever a process starts, with its command
run .venv/bin/uv pip install --quiet --no-deps --no-build-isolation --offline --python .venv/bin/python -e . ||
    stop_with_log "the project could not be installed into .venv: see above."
touch .venv/ready
