#!/usr/bin/env bash
# Software:  anvil 1.7.1 (@foundry-rs/anvil-linux-amd64)
# Behaviour: anvil is taken for a chain in memory; it writes the state of every block but the newest few into its cache
#            (~/.foundry/anvil/tmp), some 150 KB for an empty block, and leaves all of it there when SIGTERM ends it.
#            With --prune-history N it writes nothing.
# Seen:      2026-11-28: 2,000 empty blocks: 1,991 files, 301 MB, all there after SIGTERM; none with --prune-history 128
# Source:    anvil --help: --max-persisted-states, --prune-history, --cache-path
set -euo pipefail
dir=$(mktemp -d); pid=
cleanup() { if [ -n "$pid" ]; then kill "$pid" 2>/dev/null || true; fi; rm -rf "$dir"; }
trap cleanup EXIT
cd "$dir"; npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error @foundry-rs/anvil-linux-amd64@1.7.1 >/dev/null

# Mines empty blocks, ends anvil as a supervisor does, and prints how many files of states are left.
count_states() {
  node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil --port 0 --cache-path "$dir/cache" "$@" >out 2>&1 & pid=$!
  until grep -q "Listening on" out; do sleep 0.1; done
  node -e '
    const ask = (method, params) => fetch(process.argv[1], { method: "POST", headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }) }).then((answer) => answer.json());
    ask("anvil_mine", ["0x7d0"]).then(() => ask("eth_blockNumber", [])).then(({ result }) => {
      if (Number(result) < 2000) throw new Error("not mined: " + result);
    });' "http://$(sed -n 's/.*Listening on //p' out)"
  kill "$pid"; wait "$pid" 2>/dev/null || true; pid=
  find cache -type f -size +50k 2>/dev/null | wc -l
  rm -rf cache
}

kept=$(count_states); pruned=$(count_states --prune-history 128)
echo "states left on disk: $kept of 2000 blocks; with --prune-history 128: $pruned"
[ "$kept" -gt 1000 ] && [ "$pruned" -eq 0 ]
