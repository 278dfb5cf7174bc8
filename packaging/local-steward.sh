#!/bin/sh
# Makes a steward of compose.yaml's local chain: keys, database, contracts, gas. What is there stays.
# Set: STEWARD_DATA_DIR, RPC_URL; CHAIN_ENTRY for a steward that uses the contracts of another one.
set -eu
umask 077

config=$STEWARD_DATA_DIR/steward.config.json
entry=${CHAIN_ENTRY:-$STEWARD_DATA_DIR/chain.json}

steward init >"$STEWARD_DATA_DIR/init.txt"
if grep -q '^admin token  zs_' "$STEWARD_DATA_DIR/init.txt"; then
  sed -n 's/^admin token  //p' "$STEWARD_DATA_DIR/init.txt" >"$STEWARD_DATA_DIR/admin-token"
fi
wallet=$(sed -n 's/^wallet *\(0x[0-9a-fA-F]*\).*/\1/p' "$STEWARD_DATA_DIR/init.txt")
rm "$STEWARD_DATA_DIR/init.txt"

if [ ! -s "$entry" ]; then
  # anvil's first account, which everybody knows.
  echo 0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80 >"$STEWARD_DATA_DIR/deployer.key"
  steward chain deploy --rpc-url "$RPC_URL" --test-usdc --key-file "$STEWARD_DATA_DIR/deployer.key" \
    --recoverer "$wallet" --json >"$entry.new"
  mv "$entry.new" "$entry"
  rm "$STEWARD_DATA_DIR/deployer.key"
fi

CONFIG=$config ENTRY=$entry WALLET=$wallet node -e '
  const fs = require("node:fs");
  const { CONFIG, ENTRY, WALLET, RPC_URL } = process.env;
  const config = JSON.parse(fs.readFileSync(CONFIG, "utf8"));
  config.chains = [JSON.parse(fs.readFileSync(ENTRY, "utf8"))];
  config.handlers ??= { "*": { echo: { type: "echo" } } };
  fs.writeFileSync(CONFIG, JSON.stringify(config, null, 2) + "\n");
  const gas = { jsonrpc: "2.0", id: 1, method: "anvil_setBalance", params: [WALLET, "0x8ac7230489e80000"] };
  fetch(RPC_URL, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(gas) })
    .then((answer) => answer.json())
    .then((answer) => { if (answer.error) throw new Error(answer.error.message); });
'
