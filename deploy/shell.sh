# What the scripts in deploy/ and tests/ share: paths, messages, processes by pid, waiting with a bound. Sourced only.
# shellcheck shell=bash

YOKOTEN_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
YOKOTEN_HOME=${YOKOTEN_HOME:-$HOME/.yokoten}
YOKOTEN_TOOLS=${YOKOTEN_TOOLS:-$YOKOTEN_HOME/tools}
export YOKOTEN_HOME YOKOTEN_TOOLS

# The pinned tools come before whatever else the machine has.
use_tools() { export PATH="$YOKOTEN_TOOLS/bin:$PATH"; }

# Compiled objects are kept outside the tree, and found again from a clone under another path.
use_ccache() {
  export CCACHE_DIR=${CCACHE_DIR:-$YOKOTEN_HOME/ccache} CCACHE_BASEDIR=$YOKOTEN_ROOT CCACHE_NOHASHDIR=1
  export CCACHE_MAXSIZE=${CCACHE_MAXSIZE:-10G}
  export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
}

say() { printf '%s\n' "$*"; }
warn() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
fail() { warn "$*"; exit 1; }

# wait_until SECONDS COMMAND...: runs COMMAND ten times a second until it succeeds; 1 when the time is over.
wait_until() {
  local end=$((SECONDS + $1)); shift
  until "$@"; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.1
  done
}

# pid_of PIDFILE WORD: prints the pid in PIDFILE if that process lives and WORD stands in its command line. The word
# guards against a pid that went to a stranger after a crash or a reboot.
pid_of() {
  local pid
  [ -s "$1" ] && read -r pid < "$1" && [ -r "/proc/$pid/cmdline" ] || return 1
  tr '\0' ' ' < "/proc/$pid/cmdline" 2>/dev/null | grep -qF -- "$2" || return 1
  printf '%s\n' "$pid"
}

pid_gone() { [ ! -e "/proc/$1" ] || grep -q '^State:[[:space:]]*Z' "/proc/$1/status" 2>/dev/null; }

# resident_kib PID: VmRSS of a process in KiB, 0 when it is gone.
resident_kib() { awk '/^VmRSS:/ { kib = $2 } END { print kib + 0 }' "/proc/$1/status" 2>/dev/null || echo 0; }

# stop_pid NAME PID SECONDS: SIGTERM and wait; SIGKILL with a word about it when SECONDS were not enough.
stop_pid() {
  kill -TERM "$2" 2>/dev/null || return 0
  wait_until "$3" pid_gone "$2" && return 0
  warn "$1 (pid $2) did not stop within $3 s: killed"
  kill -KILL "$2" 2>/dev/null
  wait_until 10 pid_gone "$2"
}

# port_open PORT: someone listens on 127.0.0.1:PORT.
port_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

port_free() { ! port_open "$1"; }

# free_port: prints a port nobody listens on, below the range the kernel hands to clients.
free_port() {
  local port
  for _ in $(seq 50); do
    port=$((20000 + RANDOM % 12000))
    port_open "$port" || { printf '%s\n' "$port"; return 0; }
  done
  return 1
}
